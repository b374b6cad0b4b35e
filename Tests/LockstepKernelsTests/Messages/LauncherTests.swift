import LockstepKernels
import Testing

@Suite struct LauncherTests {
  private static let slurmTask = [
    "SLURM_JOB_ID": "7", "SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "4", "SLURM_NTASKS": "4", "SLURM_PROCID": "2",
  ]

  private func found(_ environment: [String: String]) -> (kind: Launcher.Kind, processes: Int?, rank: Int)? {
    Launcher(environment: environment).map { ($0.kind, $0.processes, $0.rank) }
  }

  @Test func launchersAreKnownByWhatTheySet() throws {
    let openMPI = try #require(found(["OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "1", "PMIX_RANK": "1"]))
    #expect(openMPI == (.openMPI, 4, 1))
    let hydra = try #require(found(["PMI_SIZE": "3", "PMI_RANK": "0"]))
    #expect(hydra == (.hydra, 3, 0))
    let slurm = try #require(found(Self.slurmTask))
    #expect(slurm == (.slurm, 4, 2))
    let pmix = try #require(found(["PMIX_NAMESPACE": "prterun-1", "PMIX_RANK": "5"]))
    #expect(pmix == (.pmix, nil, 5))
  }

  @Test func whatIsNoRankIsNone() {
    #expect(found([:]) == nil)
    #expect(found(["OMPI_COMM_WORLD_SIZE": "four", "OMPI_COMM_WORLD_RANK": "1"]) == nil)
    #expect(found(["PMI_RANK": "-1", "PMI_SIZE": "2"]) == nil)
    #expect(found(["PMIX_RANK": "1"]) == nil)
  }

  /// The shell of `salloc -n 4`, the script of `sbatch -n 4`, and the shell that Slurm starts on a node for `salloc`.
  @Test func anAllocationIsNoTask() {
    #expect(found(["SLURM_JOB_ID": "7", "SLURM_NTASKS": "4"]) == nil)
    #expect(found(["SLURM_JOB_ID": "7", "SLURM_NTASKS": "4", "SLURM_PROCID": "0"]) == nil)
    let interactive = Self.slurmTask.merging(["SLURM_STEP_ID": "4294967290", "SLURM_PROCID": "0"]) { $1 }
    #expect(found(interactive) == nil)
  }

  /// The daemons of mpirun are tasks of srun, one a machine; what they start inherits that.
  @Test func theInnermostLauncherCounts() throws {
    let openMPI = Self.slurmTask.merging(["OMPI_COMM_WORLD_SIZE": "16", "OMPI_COMM_WORLD_RANK": "9"]) { $1 }
    #expect(try #require(found(openMPI)) == (.openMPI, 16, 9))
    let throughPMI = Self.slurmTask.merging(["PMI_SIZE": "4", "PMI_RANK": "2"]) { $1 }
    #expect(try #require(found(throughPMI)) == (.slurm, 4, 2))
    let hydra = throughPMI.merging(["PMI_SIZE": "16", "PMI_RANK": "9", "MPI_LOCALNRANKS": "4"]) { $1 }
    #expect(try #require(found(hydra)) == (.hydra, 16, 9))
  }

  @Test func srunIntroducesItsTasksWhenItIsTold() throws {
    #expect(try #require(Launcher(environment: Self.slurmTask)).introduces == false)
    for told in [["PMIX_NAMESPACE": "slurm.pmix.7.0", "PMIX_RANK": "2"], ["PMI_RANK": "2", "PMI_SIZE": "4"]] {
      #expect(try #require(Launcher(environment: Self.slurmTask.merging(told) { $1 })).introduces)
    }
    #expect(try #require(Launcher(environment: ["OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "1"])).introduces)
  }

  @Test func whatIsMeantToBeAloneIsNotRefused() throws {
    let one = try #require(Launcher(environment: ["OMPI_COMM_WORLD_SIZE": "1", "OMPI_COMM_WORLD_RANK": "0"]))
    #expect(one.refusal(library: nil) == nil && one.refusal(library: "Open MPI v4.1.4") == nil)
    // Of how many it is the first, PMIx does not say here.
    let first = try #require(Launcher(environment: ["PMIX_NAMESPACE": "a", "PMIX_RANK": "0"]))
    #expect(first.refusal(library: nil) == nil)
  }

  @Test func aProgramWithoutMPIIsRefused() throws {
    let openMPI = try #require(Launcher(environment: ["OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "2"]))
    #expect(
      openMPI.refusal(library: nil) == """
        this is rank 2 of 4 processes that Open MPI's mpirun has started, but the program is built without MPI: they would \
        be 4 runs in one folder, of which none knows of another. Build it with MPI (`tools/lockstep --mpi …`, \
        `swift build --traits MPI`), or start it without Open MPI's mpirun: it uses every core of a machine by itself
        """)
    let slurm = try #require(Launcher(environment: Self.slurmTask)?.refusal(library: nil))
    #expect(
      slurm.hasSuffix(
        "or start it once, by `srun --ntasks=1 --cpus-per-task=CORES`: it uses every core of a machine by itself"))
    let pmix = try #require(Launcher(environment: ["PMIX_NAMESPACE": "a", "PMIX_RANK": "3"])?.refusal(library: nil))
    #expect(pmix.hasPrefix("this is rank 3 of several processes that a launcher that speaks PMIx has started"))
  }

  @Test func anotherMPIsLauncherIsRefused() throws {
    let hydra = try #require(Launcher(environment: ["PMI_SIZE": "4", "PMI_RANK": "0"]))
    #expect(
      hydra.refusal(library: "Open MPI v4.1.4") == """
        this is rank 0 of 4 processes that the mpiexec of MPICH or Intel MPI has started, but Open MPI v4.1.4, with which the \
        program is built, finds this one alone: they would be 4 runs in one folder, of which none knows of another. Start it \
        by the mpirun of Open MPI v4.1.4; `mpirun --version` says whose is found first
        """)
  }

  @Test func srunIsToldWhichInterfaceToUse() throws {
    let slurm = try #require(Launcher(environment: Self.slurmTask))
    #expect(
      slurm.refusal(library: "Open MPI v4.1.4")?.hasSuffix(
        """
        Start it by `srun --mpi=pmix` (`srun --mpi=list` says what this Slurm has), or in the allocation by the mpirun of \
        Open MPI v4.1.4
        """) == true)
    #expect(slurm.refusal(library: "MPICH Version: 4.0.2")?.contains("`srun --mpi=pmi2`") == true)
  }

  @Test func aTaskHasTheCoresItAskedForAndMayUse() {
    #expect(Launcher.cores(environment: [:], available: 16) == 16)
    #expect(Launcher.cores(environment: ["SLURM_CPUS_PER_TASK": "4"], available: 16) == 4)
    #expect(Launcher.cores(environment: ["SLURM_CPUS_PER_TASK": "4"], available: 1) == 1)
    for odd in ["0", "-3", "many", ""] {
      #expect(Launcher.cores(environment: ["SLURM_CPUS_PER_TASK": odd], available: 16) == 16)
    }
  }
}
