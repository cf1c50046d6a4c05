/* weir inside an MPI application written in C, or, through weir.f90, in Fortran: define tasks by
 * name, submit them with bytes, wait for bytes. The same core as weir.hpp, which says more about
 * threads and progress.
 *
 *   weir_session* session = NULL;
 *   int square = 0;
 *   weir_session_create(MPI_COMM_WORLD, NULL, &session);
 *   weir_define(session, "square", compute_square, NULL, &square);
 *   weir_start(session);
 *   weir_future* future = NULL;
 *   double x = 3, result = 0;
 *   weir_submit(session, square, &x, sizeof x, NULL, &future);
 *   weir_wait(&future, &result, sizeof result, NULL);
 *   weir_wait_all(session);
 *   weir_session_free(&session);
 *
 * Every function but the two that say otherwise returns WEIR_OK or one of the codes below, and then
 * weir_error_message() has the text. Nothing is thrown, and no argument is kept beyond the call.
 * All ranks have one representation of numbers: bytes travel as they are. Functions of one session
 * are called from the thread that created it, or where a thread of weir's own moves it on
 * (`progress_thread`) from any; those that take a weir_result, inside its task. A session is
 * created, started and freed on one thread in any case.
 */

#ifndef WEIR_WEIR_H
#define WEIR_WEIR_H

#include <mpi.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weir_session weir_session;
typedef struct weir_future weir_future;
/* Where a running task puts its result. */
typedef struct weir_result weir_result;

enum {
  WEIR_OK = 0,
  WEIR_ERROR_ARGUMENT = 1,  /* a null pointer, a kind, class or rank that is not there */
  WEIR_ERROR_START = 2,     /* the ranks do not agree, one has left, or machine or MPI will not do */
  WEIR_ERROR_TASK = 3,      /* the task failed; the message names its reason and rank */
  WEIR_ERROR_TRUNCATED = 4, /* the result is larger than the place for it */
  WEIR_ERROR_STATE = 5,     /* not started yet, or started before */
  WEIR_ERROR_INTERNAL = 6,  /* anything else, such as no memory left */
  WEIR_ERROR_CANCELLED = 7  /* the task was cancelled before it started */
};

/* Runs on any rank, several at a time. `argument` is what weir_submit was given, aligned for any
 * type, and read only. Not WEIR_OK: the task has failed, with the text of weir_result_fail, or else
 * with the number. */
typedef int (*weir_task)(void* user_data, const void* argument, size_t argument_bytes,
                         weir_result* result);

/* Fill with weir_session_options_init first: fields may be added, for who compiles again. */
typedef struct weir_session_options {
  const char* policy; /* a rule's name, see `weir policies`; NULL: the default */
  int worker_count;   /* threads of this rank; 0: one per core of its share of the host */
  int class_count;    /* classes are 0 to class_count - 1 */
  int max_retries;    /* further attempts of a task that fails */
  uint64_t seed;
  int progress_thread;  /* not 0: a thread of weir's own moves the session on, which needs
                           MPI_THREAD_MULTIPLE; 0: this program, inside its calls of weir */
  size_t max_in_flight; /* tasks submitted here that may be incomplete at one time; those that
                           tasks submitted may be as many again at each depth; at least 1 */
  size_t max_payload_bytes; /* of one argument, or one result */
} weir_session_options;

typedef struct weir_submit_options {
  int target; /* the rank that must run it; -1: the policy chooses */
  int task_class;
  int priority;       /* 0 to 255, higher first at a node */
  double cost_hint_s; /* expected seconds on a core of speed 1; 0: unknown */
  int no_rerun;       /* not 0: has side effects, fails rather than run twice */
  int prefer;         /* the rank that has what the task needs, unless it would wait there for
                         long; -1: none */
  int memory_domain;  /* of the rank that runs it, whose cores are to; -1: any */
} weir_submit_options;

void weir_session_options_init(weir_session_options* options); /* returns nothing */
void weir_submit_options_init(weir_submit_options* options);   /* returns nothing */

/* The text of the last call on this thread that did not return WEIR_OK; valid until the next one.
 */
const char* weir_error_message(void);

/* Collective over `communicator`, which is duplicated. `options` may be NULL; what one rank has wrong
 * in them is WEIR_ERROR_START on all. */
int weir_session_create(MPI_Comm communicator, const weir_session_options* options,
                        weir_session** session);
/* The same with a communicator of Fortran. */
int weir_session_create_f(MPI_Fint communicator, const weir_session_options* options,
                          weir_session** session);
/* Before weir_start, on all ranks the same names in the same order. `user_data` is given to every
 * run on this rank. `kind` is for weir_submit. A name that is empty, has spaces or is taken:
 * WEIR_ERROR_START. */
int weir_define(weir_session* session, const char* name, weir_task function, void* user_data,
                int* kind);
/* Collective: where a rank defined other tasks, or does not come, WEIR_ERROR_START on all. */
int weir_start(weir_session* session);

/* `options` may be NULL. `future` may be NULL: nobody asks for the result, an error is dropped. */
int weir_submit(weir_session* session, int kind, const void* argument, size_t argument_bytes,
                const weir_submit_options* options, weir_future** future);
/* The same without waiting for room: *submitted becomes 0, and nothing is submitted, where as many
 * tasks are under way as max_in_flight allows; else 1. */
int weir_try_submit(weir_session* session, int kind, const void* argument, size_t argument_bytes,
                    const weir_submit_options* options, weir_future** future, int* submitted);
/* *cancelled becomes 1 when the task had not started: it will not, and weir_wait returns
 * WEIR_ERROR_CANCELLED; else 0. */
int weir_cancel(weir_future* future, int* cancelled);
/* *ready becomes 1 when weir_wait will not wait, else 0. Moves weir on. */
int weir_ready(weir_future* future, int* ready);
/* Waits, copies the result, ends the future and makes it NULL; `result_bytes`, which may be NULL,
 * is the size of the result. Where the result is larger than `capacity` the future stays, and
 * nothing is copied: call again with that size. It also stays on WEIR_ERROR_STATE: this thread
 * cannot wait, or the session has ended. */
int weir_wait(weir_future** future, void* result, size_t capacity, size_t* result_bytes);
/* Ends a future without waiting; the task runs all the same. Does nothing where
 * *future is NULL. */
int weir_future_free(weir_future** future);

/* One round of messages, without waiting. */
int weir_progress(weir_session* session);
/* Returns when every task that any rank submitted is complete; WEIR_ERROR_START where the session
 * has ended on a rank before. Collective. */
int weir_wait_all(weir_session* session);
/* Collective: waits until all ranks have come. Futures of the session end before. Does nothing where
 * *session is NULL. What is not freed before MPI_Finalize ends there, but for its memory. */
int weir_session_free(weir_session** session);

int weir_rank(const weir_session* session, int* rank);
int weir_rank_count(const weir_session* session, int* rank_count);

/* In a task: its result, copied; the last call counts. */
int weir_result_set(weir_result* result, const void* bytes, size_t byte_count);
/* In a task: why it fails, to be followed by a return that is not WEIR_OK. */
int weir_result_fail(weir_result* result, const char* text);

#ifdef __cplusplus
}
#endif

#endif
