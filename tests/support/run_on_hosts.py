"""Runs a program under mpirun with its ranks on several hosts of their own (network_hosts.py).

usage: run_on_hosts.py HOSTS RANKS_PER_HOST MPIRUN PROGRAM [ARGUMENT...]
"""

import os
import subprocess
import sys

from network_hosts import NetworkHosts, move_into_own_world


def main():
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    host_count, ranks_per_host = int(sys.argv[1]), int(sys.argv[2])
    mpirun, *program = sys.argv[3:]
    move_into_own_world()
    os.environ.update(OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
    hosts = NetworkHosts(host_count)
    places = ",".join(f"{name}:{ranks_per_host}" for name in hosts.names)
    # Small socket buffers, so that tests get to see a full network.
    command = [mpirun, "--bind-to", "none", "--mca", "plm", "rsh",
               "--mca", "plm_rsh_agent", hosts.remote_shell,
               "--mca", "btl_tcp_sndbuf", "16384", "--mca", "btl_tcp_rcvbuf", "16384",
               "--host", places,
               "-n", str(host_count * ranks_per_host), *program]
    code = subprocess.run(command, stdin=subprocess.DEVNULL).returncode
    sys.exit(code if code >= 0 else 1)


main()
