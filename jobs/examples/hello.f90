! The least that an application in Fortran does with weir. Start it with
!
!   mpirun -n 4 build/examples/hello_f

module primes
  use, intrinsic :: iso_c_binding
  use weir
  implicit none
  integer(c_long), parameter :: step = 10000

contains

  ! How many primes lie in the `step` numbers from the argument on.
  function count_primes(user_data, argument, argument_bytes, result) bind(c) result(code)
    type(c_ptr), value :: user_data, argument, result
    integer(c_size_t), value :: argument_bytes
    integer(c_int) :: code
    integer(c_long), pointer :: first
    integer(c_long), target :: total
    integer(c_long) :: n, d
    logical :: is_prime
    if (argument_bytes /= c_sizeof(total)) then
      code = weir_result_fail(result, 'not a number' // c_null_char)
      code = 1
      return
    end if
    call c_f_pointer(argument, first)
    total = 0
    do n = max(first, 2_c_long), first + step - 1
      is_prime = .true.
      d = 2
      do while (d * d <= n .and. is_prime)
        is_prime = mod(n, d) /= 0
        d = d + 1
      end do
      if (is_prime) total = total + 1
    end do
    code = weir_result_set(result, c_loc(total), c_sizeof(total))
  end function count_primes

  subroutine check(code)
    integer(c_int), intent(in) :: code
    if (code == weir_ok) return
    print '(2a)', 'hello_f: ', weir_error_text()
    error stop
  end subroutine check
end module primes

program hello
  use mpi
  use primes
  implicit none
  integer, parameter :: tasks = 40
  type(c_ptr) :: session, futures(tasks)
  integer(c_long), target :: first, part
  integer(c_long) :: total
  integer(c_size_t) :: part_bytes
  integer(c_int) :: kind, rank
  integer :: provided, error, i

  call mpi_init_thread(mpi_thread_funneled, provided, error)
  call check(weir_session_create(mpi_comm_world, c_null_ptr, session))
  call check(weir_define(session, 'count_primes' // c_null_char, c_funloc(count_primes), &
      c_null_ptr, kind))
  call check(weir_start(session))
  call check(weir_rank(session, rank))
  if (rank == 0) then
    do i = 1, tasks
      first = (i - 1) * step
      call check(weir_submit(session, kind, c_loc(first), c_sizeof(first), c_null_ptr, futures(i)))
    end do
    total = 0
    do i = 1, tasks
      call check(weir_wait(futures(i), c_loc(part), c_sizeof(part), part_bytes))
      total = total + part
    end do
    print '(i0,a,i0)', total, ' primes below ', tasks * step
  end if
  call check(weir_wait_all(session))
  call check(weir_session_free(session))
  call mpi_finalize(error)
end program hello
