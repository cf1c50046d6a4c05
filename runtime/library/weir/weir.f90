! weir inside an MPI application written in Fortran: the functions of weir.h, which says what they do.
! Compile this file with the application: modules fit one compiler only.
!
! A task is a function with bind(c) and the arguments of weir_task. Names end with c_null_char.
! `communicator` is what mpi_comm_world and its like are in `use mpi` (in `use mpi_f08`: %mpi_val).
module weir
  use, intrinsic :: iso_c_binding
  implicit none

  integer(c_int), parameter :: weir_ok = 0
  integer(c_int), parameter :: weir_error_argument = 1
  integer(c_int), parameter :: weir_error_start = 2
  integer(c_int), parameter :: weir_error_task = 3
  integer(c_int), parameter :: weir_error_truncated = 4
  integer(c_int), parameter :: weir_error_state = 5
  integer(c_int), parameter :: weir_error_internal = 6
  integer(c_int), parameter :: weir_error_cancelled = 7

  type, bind(c) :: weir_session_options
    type(c_ptr) :: policy
    integer(c_int) :: worker_count
    integer(c_int) :: class_count
    integer(c_int) :: max_retries
    integer(c_int64_t) :: seed
    integer(c_int) :: progress_thread
    integer(c_size_t) :: max_in_flight
    integer(c_size_t) :: max_payload_bytes
  end type weir_session_options

  type, bind(c) :: weir_submit_options
    integer(c_int) :: target
    integer(c_int) :: task_class
    integer(c_int) :: priority
    real(c_double) :: cost_hint_s
    integer(c_int) :: no_rerun
    integer(c_int) :: prefer
    integer(c_int) :: memory_domain
  end type weir_submit_options

  abstract interface
    function weir_task(user_data, argument, argument_bytes, result) bind(c)
      import :: c_ptr, c_size_t, c_int
      type(c_ptr), value :: user_data, argument, result
      integer(c_size_t), value :: argument_bytes
      integer(c_int) :: weir_task
    end function weir_task
  end interface

  interface
    subroutine weir_session_options_init(options) bind(c)
      import :: weir_session_options
      type(weir_session_options), intent(out) :: options
    end subroutine weir_session_options_init

    subroutine weir_submit_options_init(options) bind(c)
      import :: weir_submit_options
      type(weir_submit_options), intent(out) :: options
    end subroutine weir_submit_options_init

    function weir_error_message() bind(c)
      import :: c_ptr
      type(c_ptr) :: weir_error_message
    end function weir_error_message

    ! `options`: c_null_ptr, or c_loc of a weir_session_options.
    function weir_session_create(communicator, options, session) &
        bind(c, name='weir_session_create_f')
      import :: c_int, c_ptr
      integer, value :: communicator
      type(c_ptr), value :: options
      type(c_ptr), intent(out) :: session
      integer(c_int) :: weir_session_create
    end function weir_session_create

    ! `task`: c_funloc of the function.
    function weir_define(session, name, task, user_data, kind) bind(c)
      import :: c_int, c_ptr, c_funptr, c_char
      type(c_ptr), value :: session
      character(kind=c_char), intent(in) :: name(*)
      type(c_funptr), value :: task
      type(c_ptr), value :: user_data
      integer(c_int), intent(out) :: kind
      integer(c_int) :: weir_define
    end function weir_define

    function weir_start(session) bind(c)
      import :: c_int, c_ptr
      type(c_ptr), value :: session
      integer(c_int) :: weir_start
    end function weir_start

    ! `options`: c_null_ptr, or c_loc of a weir_submit_options.
    function weir_submit(session, kind, argument, argument_bytes, options, future) bind(c)
      import :: c_int, c_ptr, c_size_t
      type(c_ptr), value :: session
      integer(c_int), value :: kind
      type(c_ptr), value :: argument
      integer(c_size_t), value :: argument_bytes
      type(c_ptr), value :: options
      type(c_ptr), intent(out) :: future
      integer(c_int) :: weir_submit
    end function weir_submit

    function weir_try_submit(session, kind, argument, argument_bytes, options, future, submitted) &
        bind(c)
      import :: c_int, c_ptr, c_size_t
      type(c_ptr), value :: session
      integer(c_int), value :: kind
      type(c_ptr), value :: argument
      integer(c_size_t), value :: argument_bytes
      type(c_ptr), value :: options
      type(c_ptr), intent(out) :: future
      integer(c_int), intent(out) :: submitted
      integer(c_int) :: weir_try_submit
    end function weir_try_submit

    function weir_cancel(future, cancelled) bind(c)
      import :: c_int, c_ptr
      type(c_ptr), value :: future
      integer(c_int), intent(out) :: cancelled
      integer(c_int) :: weir_cancel
    end function weir_cancel

    function weir_ready(future, ready) bind(c)
      import :: c_int, c_ptr
      type(c_ptr), value :: future
      integer(c_int), intent(out) :: ready
      integer(c_int) :: weir_ready
    end function weir_ready

    function weir_wait(future, result, capacity, result_bytes) bind(c)
      import :: c_int, c_ptr, c_size_t
      type(c_ptr), intent(inout) :: future
      type(c_ptr), value :: result
      integer(c_size_t), value :: capacity
      integer(c_size_t), intent(out) :: result_bytes
      integer(c_int) :: weir_wait
    end function weir_wait

    function weir_future_free(future) bind(c)
      import :: c_int, c_ptr
      type(c_ptr), intent(inout) :: future
      integer(c_int) :: weir_future_free
    end function weir_future_free

    function weir_progress(session) bind(c)
      import :: c_int, c_ptr
      type(c_ptr), value :: session
      integer(c_int) :: weir_progress
    end function weir_progress

    function weir_wait_all(session) bind(c)
      import :: c_int, c_ptr
      type(c_ptr), value :: session
      integer(c_int) :: weir_wait_all
    end function weir_wait_all

    function weir_session_free(session) bind(c)
      import :: c_int, c_ptr
      type(c_ptr), intent(inout) :: session
      integer(c_int) :: weir_session_free
    end function weir_session_free

    function weir_rank(session, rank) bind(c)
      import :: c_int, c_ptr
      type(c_ptr), value :: session
      integer(c_int), intent(out) :: rank
      integer(c_int) :: weir_rank
    end function weir_rank

    function weir_rank_count(session, rank_count) bind(c)
      import :: c_int, c_ptr
      type(c_ptr), value :: session
      integer(c_int), intent(out) :: rank_count
      integer(c_int) :: weir_rank_count
    end function weir_rank_count

    function weir_result_set(result, bytes, byte_count) bind(c)
      import :: c_int, c_ptr, c_size_t
      type(c_ptr), value :: result, bytes
      integer(c_size_t), value :: byte_count
      integer(c_int) :: weir_result_set
    end function weir_result_set

    function weir_result_fail(result, text) bind(c)
      import :: c_int, c_ptr, c_char
      type(c_ptr), value :: result
      character(kind=c_char), intent(in) :: text(*)
      integer(c_int) :: weir_result_fail
    end function weir_result_fail
  end interface

contains

  ! The text of the last call that did not return weir_ok.
  function weir_error_text() result(text)
    character(len=:), allocatable :: text
    character(kind=c_char), pointer :: letters(:)
    type(c_ptr) :: place
    integer :: length
    place = weir_error_message()
    call c_f_pointer(place, letters, [100000])
    length = 0
    do while (letters(length + 1) /= c_null_char)
      length = length + 1
    end do
    allocate (character(len=length) :: text)
    text = transfer(letters(1:length), text)
  end function weir_error_text
end module weir
