/// What the environment says of how this process was started: as one of several, by whom, and which of them.
///
/// It is asked where MPI knows of one process alone, or is not there to be asked: a program of which several copies run
/// without knowing of each other would train the same run several times over, in one folder.
package struct Launcher: Equatable, Sendable {
  package enum Kind: Sendable {
    case openMPI, hydra, slurm, pmix
  }

  package let kind: Kind
  /// How many processes it has started; nil where it does not say.
  package let processes: Int?
  /// Which of them this one is, counted from 0.
  package let rank: Int
  /// Whether it tells MPI of the other processes. srun does so by `--mpi` alone, or by Slurm's `MpiDefault`.
  package let introduces: Bool

  /// Nil where nobody has started this process as one of several, or as one that could be.
  package init?(environment: [String: String]) {
    let found = [Self.openMPI, Self.hydra, Self.slurm, Self.pmix].lazy.compactMap { $0(Variables(environment)) }.first
    guard let found else { return nil }
    self = found
  }

  private init(_ kind: Kind, processes: Int?, rank: Int, introduces: Bool = true) {
    (self.kind, self.processes, self.rank, self.introduces) = (kind, processes, rank, introduces)
  }
}

// MARK: - What launchers set

// The first that is found counts: the daemons of mpirun and mpiexec are themselves started by srun where there is one,
// and hand on what it has set.
extension Launcher {
  private struct Variables {
    let environment: [String: String]

    init(_ environment: [String: String]) { self.environment = environment }

    /// A variable that is a number from 0.
    subscript(name: String) -> Int? { environment[name].flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil } }
  }

  private static func openMPI(_ variables: Variables) -> Launcher? {
    guard let size = variables["OMPI_COMM_WORLD_SIZE"], let rank = variables["OMPI_COMM_WORLD_RANK"] else { return nil }
    return Launcher(.openMPI, processes: size, rank: rank)
  }

  /// The mpiexec of MPICH, Intel MPI and their relatives. `srun --mpi=pmi2` sets the same variables, but does not say
  /// how many ranks there are on one machine.
  private static func hydra(_ variables: Variables) -> Launcher? {
    guard let size = variables["PMI_SIZE"], let rank = variables["PMI_RANK"] else { return nil }
    if slurm(variables) != nil, variables["MPI_LOCALNRANKS"] == nil { return nil }
    return Launcher(.hydra, processes: size, rank: rank)
  }

  /// A task of `srun`. The shell of `salloc` and the script of `sbatch` have a number of tasks, the script a rank, too;
  /// but they have no step, or one of those last numbers that Slurm keeps for itself.
  private static func slurm(_ variables: Variables) -> Launcher? {
    guard let step = variables["SLURM_STEP_ID"], step < 0xffff_fff0, let rank = variables["SLURM_PROCID"] else {
      return nil
    }
    return Launcher(
      .slurm, processes: variables["SLURM_STEP_NUM_TASKS"] ?? variables["SLURM_NTASKS"], rank: rank,
      introduces: variables.environment["PMIX_NAMESPACE"] != nil || variables["PMI_RANK"] != nil)
  }

  private static func pmix(_ variables: Variables) -> Launcher? {
    guard variables.environment["PMIX_NAMESPACE"] != nil, let rank = variables["PMIX_RANK"] else { return nil }
    return Launcher(.pmix, processes: nil, rank: rank)
  }
}

// MARK: - What it says to a process that is alone

extension Launcher {
  /// The launcher as people know it.
  package var name: String {
    switch kind {
    case .openMPI: "Open MPI's mpirun"
    case .hydra: "the mpiexec of MPICH or Intel MPI"
    case .slurm: "Slurm's srun"
    case .pmix: "a launcher that speaks PMIx"
    }
  }

  /// Why a process that finds itself alone must not go on, and what to do; nil where it is meant to be alone.
  ///
  /// - Parameter library: the MPI that the program runs with; nil if it is built without.
  package func refusal(library: String?) -> String? {
    guard (processes ?? 0) > 1 || rank > 0 else { return nil }
    let count = processes.map { "\($0)" } ?? "several"
    let found = "this is rank \(rank) of \(count) processes that \(name) has started"
    let danger = "they would be \(count) runs in one folder, of which none knows of another"
    guard let library else {
      return "\(found), but the program is built without MPI: \(danger). Build it with MPI (`tools/lockstep --mpi …`, "
        + "`swift build --traits MPI`), or start it \(alone): it uses every core of a machine by itself"
    }
    return
      "\(found), but \(library), with which the program is built, finds this one alone: \(danger). \(advice(library))"
  }

  private var alone: String {
    kind == .slurm ? "once, by `srun --ntasks=1 --cpus-per-task=CORES`" : "without \(name)"
  }

  private func advice(_ library: String) -> String {
    switch kind {
    case .slurm:
      let interface = library.hasPrefix("Open MPI") ? "pmix" : "pmi2"
      return "Start it by `srun --mpi=\(interface)` (`srun --mpi=list` says what this Slurm has), "
        + "or in the allocation by the mpirun of \(library)"
    case .openMPI, .hydra, .pmix:
      return "Start it by the mpirun of \(library); `mpirun --version` says whose is found first"
    }
  }
}

// MARK: - What it leaves a process to compute with

extension Launcher {
  /// Cores for each process: as many as Slurm was asked to give a task, but no more than this one may use.
  ///
  /// - Parameter available: the cores that affinity and quota leave.
  package static func cores(environment: [String: String], available: Int) -> Int {
    guard let asked = Variables(environment)["SLURM_CPUS_PER_TASK"], asked > 0 else { return available }
    return min(asked, available)
  }
}
