import ArgumentParser
import Lockstep
import LockstepReport

struct ScaleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scale",
    abstract: "Train the same steps on several thread counts, or numbers of ranks, and compare.",
    discussion: """
      Examples:

        lockstep scale configs/quickstart.yaml --threads 1,2,4
        lockstep scale configs/quickstart.yaml --threads 1,2,4 --weak
        lockstep scale configs/bench/wide.yaml --steps 40 --json here.json
        lockstep scale configs/bench/wide.yaml --ranks 1,2,4 --threads 1
        mpirun -n 4 lockstep scale configs/bench/wide.yaml --threads 8
        lockstep scale --compare here.json there.json --report both.html

      The ceiling is what the step's matrix products alone reach, made by the same workers and measured in turn with the training. What the figures \
      say stands below them: how much faster, what holds it back, what would help. Nothing is saved.

      With --ranks it starts itself by mpirun, on this machine, as often as there are ranks; started by mpirun or srun it measures the ranks that there \
      are. Either says what goes between them in a step, how long that takes by itself, and how much of it is hidden by what is computed meanwhile.
      """)

  @Argument(help: "The configuration, a YAML file.", completion: .configuration)
  var config: String?

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp(
      "Thread counts to compare, with commas between; speed-up is against the fewest. (default: 1,2)",
      valueName: "n,n,…"))
  var threads: String?

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp(
      "Numbers of ranks to compare, with commas between, each of --threads threads, 1 unless it is set.",
      valueName: "n,n,…"))
  var ranks: String?

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp("Steps that each count trains. (default: 60, or the whole run if it is shorter)", valueName: "n")
  )
  var steps: Int?

  @Flag(
    name: .long,
    help: "Batch and shards grow with the threads: as many samples a thread. Other batches give other bits.")
  var weak = false

  @Option(
    name: .long, parsing: .upToNextOption,
    help: ArgumentHelp("Show what --json has written on several machines side by side.", valueName: "file"),
    completion: .file())
  var compare: [String] = []

  @OptionGroup var result: ResultOptions

  func validate() throws {
    switch (config, compare.count) {
    case (nil, 0): throw RunError.input("the configuration: found none, expected one, or --compare with files")
    case (nil, 1): throw RunError.input("--compare \(compare[0]): found one file, expected at least two")
    case (nil, 9...): throw RunError.input("--compare: found \(compare.count) files, expected at most 8")
    case (nil, _):
      for file in compare { try requirePath(file, "--compare") }
      let unread = [
        ("--threads", threads != nil), ("--ranks", ranks != nil), ("--steps", steps != nil), ("--weak", weak),
        ("--set", !result.overrides.set.isEmpty),
      ]
      if let (option, _) = unread.first(where: \.1) {
        throw RunError.input("\(option): found beside --compare, which measures nothing; leave it out")
      }
    case (let config?, 0): try requirePath(config, "the configuration")
    case (let config?, _):
      throw RunError.input("\(config): found a configuration beside --compare, expected one of them")
    }
  }

  func run() throws {
    guard let config else { return try showSideBySide() }
    if let cluster = try RankedProcess.join(timeout: 600) { return try measure(config, cluster) }
    if let ranks { try measure(config, ranks: ranks) } else { try measure(config) }
  }

  private func showSideBySide() throws {
    // One of them is enough.
    if RankedProcess.isFollower { return }
    try result.places.check()
    let comparison = try ScalingComparison(files: compare)
    try Terminal.output(ScalingText(columns: Terminal.outputColumns, table: Terminal.tableColumns).of(comparison))
    if let json = result.json { try JSONFile.write(comparison.json, to: json) }
    if let report = result.report { try ResultFile.write(comparison.report().text, to: report) }
  }

  private func measure(_ config: String) throws {
    let counts = try Self.counts(threads ?? Self.standardThreads, "--threads")
    let setup = try RunSetup(result.configuration(config))
    let configuration = setup.configuration
    let steps = steps(of: setup)
    for note in counts.filter({ $0 <= 128 }).compactMap({ ThreadNotes.beyondCores($0) }) where !result.quiet {
      Terminal.error("note: \(note)")
    }
    let status = StatusLine(quiet: result.quiet)
    let scaling = try ThreadScaling.measure(setup, threads: counts, steps: steps, isWeak: weak) { text in
      status.show(text)
    }
    status.clear()
    try Terminal.output(ScalingText(columns: Terminal.outputColumns, table: Terminal.tableColumns).of(scaling))
    if let json = result.json { try JSONFile.write(scaling.json, to: json) }
    if let report = result.report { try ResultFile.write(scaling.report(for: configuration).text, to: report) }
    if !scaling.digestsAgree {
      throw RunError.failed(
        "--threads \(threads ?? Self.standardThreads): found digests that differ, expected the same on every number of threads: the trained bits must never depend on it"
      )
    }
  }

  private static let standardThreads = "1,2"

  private static func counts(_ list: String, _ option: String) throws -> [Int] {
    try list.split(separator: ",", omittingEmptySubsequences: false).map { word in
      let word = word.filter { $0 != " " }
      guard let count = Int(word), count >= 1 else {
        throw RunError.input(
          "\(option) \(list): found \(word.isEmpty ? "nothing" : word), expected counts with commas between, such as 1,2,4"
        )
      }
      return count
    }
  }
}

// MARK: - Ranks

extension ScaleCommand {
  /// The threads of each rank.
  ///
  /// - Parameter standard: where none are set.
  private func threadsOfARank(standard: Int?) throws -> Int? {
    if weak { throw RunError.input("--weak: found beside ranks, expected threads of one process") }
    guard let threads else { return standard }
    let counts = try Self.counts(threads, "--threads")
    guard counts.count == 1, counts[0] <= 128 else {
      throw RunError.input("--threads \(threads): expected one number of threads, 1 … 128, which every rank has")
    }
    return counts[0]
  }

  /// The ranks that mpirun or srun has started: rank 0 says how fast they are.
  private func measure(_ config: String, _ cluster: Cluster) throws {
    let status = try cluster.run {
      if let ranks { throw RunError.input("--ranks \(ranks): found beside ranks that have been started; leave it out") }
      let opened = try result.configuration(config, threads: threadsOfARank(standard: nil))
      var setup = try RunSetup(opened)
      setup.cluster = cluster
      guard cluster.leads else { return ExitStatus(rawValue: try setup.follow(Signals.stop)) ?? .failed }
      try show(RankScaling.measure(setup, steps: steps(of: setup)), for: setup.configuration)
      return .done
    }
    if status != .done { Exit.now(status) }
  }

  /// One layout after the other: one rank in this process, several by mpirun.
  private func measure(_ config: String, ranks: String) throws {
    let counts = try Self.counts(ranks, "--ranks")
    let threads = try threadsOfARank(standard: 1) ?? 1
    let setup = try RunSetup(result.configuration(config, threads: threads))
    let (shards, steps) = (setup.configuration.training.shards, steps(of: setup))
    guard Set(counts).count == counts.count else {
      throw RunError.input("--ranks \(ranks): expected counts that differ, such as 1,2,4")
    }
    if let count = counts.first(where: { $0 > shards }) {
      throw RunError.input(
        "--ranks \(ranks): found \(count) ranks for \(shards) shards, expected at most one rank a shard: set training.shards=\(count), which changes the trained bits"
      )
    }
    try RankScaling.check(steps, setup.configuration)
    let status = StatusLine(quiet: result.quiet)
    let folder = try ScratchFolder()
    defer { folder.remove() }
    var scaling: RankScaling?
    for count in counts {
      status.show("training on \(count) \(Format.plural(count, "rank"))")
      let measured: RankScaling
      if count == 1 {
        measured = try RankScaling.measure(setup, steps: steps)
      } else {
        let file = "\(folder.path)/\(count).json"
        let overrides = result.overrides.set.flatMap { ["--set", $0] }
        try RankLauncher.run(
          count,
          ["scale", config, "--threads", "\(threads)", "--steps", "\(steps)", "--json", file, "--quiet"] + overrides)
        measured = try RankScaling(file: file)
      }
      if scaling == nil { scaling = measured } else { scaling?.rows += measured.rows }
    }
    status.clear()
    if let scaling { try show(scaling, for: setup.configuration) }
  }

  private func steps(of setup: RunSetup) -> Int { steps ?? min(60, setup.configuration.totalSteps) }

  private func show(_ scaling: RankScaling, for configuration: RunConfiguration) throws {
    try Terminal.output(ScalingText(columns: Terminal.outputColumns, table: Terminal.tableColumns).of(scaling))
    if let json = result.json { try JSONFile.write(scaling.json, to: json) }
    if let report = result.report { try ResultFile.write(scaling.report(for: configuration).text, to: report) }
    if !scaling.digestsAgree {
      throw RunError.failed(
        "--ranks \(ranks ?? ""): found digests that differ, expected the same on every number of ranks: the trained bits must never depend on it"
      )
    }
  }
}
