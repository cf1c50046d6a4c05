/* The least that an application in C does with weir. Start it with
 *
 *   mpirun -n 4 build/examples/hello_c
 */

#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <weir/weir.h>

enum { kTasks = 40, kStep = 10000 };

/* How many primes lie in the kStep numbers from `first` on. */
static int count_primes(void* user_data, const void* argument, size_t argument_bytes,
                        weir_result* result) {
  (void)user_data;
  if (argument_bytes != sizeof(long)) return weir_result_fail(result, "not a number"), 1;
  const long first = *(const long*)argument;
  long count = 0;
  for (long n = first < 2 ? 2 : first; n < first + kStep; ++n) {
    int prime = 1;
    for (long d = 2; d * d <= n && prime; ++d) prime = n % d != 0;
    count += prime;
  }
  return weir_result_set(result, &count, sizeof count);
}

static void check(int code) {
  if (code == WEIR_OK) return;
  fprintf(stderr, "hello_c: %s\n", weir_error_message());
  MPI_Abort(MPI_COMM_WORLD, 1);
}

int main(int argc, char** argv) {
  int provided = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  weir_session* session = NULL;
  int primes = 0;
  int rank = 0;
  check(weir_session_create(MPI_COMM_WORLD, NULL, &session));
  check(weir_define(session, "count_primes", count_primes, NULL, &primes));
  check(weir_start(session));
  check(weir_rank(session, &rank));
  if (rank == 0) {
    weir_future* parts[kTasks];
    for (long i = 0; i < kTasks; ++i) {
      const long first = i * kStep;
      check(weir_submit(session, primes, &first, sizeof first, NULL, &parts[i]));
    }
    long total = 0;
    for (int i = 0; i < kTasks; ++i) {
      long count = 0;
      check(weir_wait(&parts[i], &count, sizeof count, NULL));
      total += count;
    }
    printf("%ld primes below %ld\n", total, (long)kTasks * kStep);
  }
  check(weir_wait_all(session));
  check(weir_session_free(&session));
  MPI_Finalize();
  return 0;
}
