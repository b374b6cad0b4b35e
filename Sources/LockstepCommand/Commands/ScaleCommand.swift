import ArgumentParser
import Lockstep
import LockstepReport

struct ScaleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scale",
    abstract: "Train the same steps on several thread counts and compare.",
    discussion: """
      Examples:

        lockstep scale configs/quickstart.yaml --threads 1,2,4
        lockstep scale configs/quickstart.yaml --threads 1,2,4 --weak
        lockstep scale configs/bench/wide.yaml --steps 40 --json here.json
        lockstep scale --compare here.json there.json --report both.html

      The ceiling is what the step's matrix products alone reach, made by the same workers and measured in turn with the training. What the figures \
      say stands below them: how much faster, what holds it back, what would help. Nothing is saved.
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
        ("--threads", threads != nil), ("--steps", steps != nil), ("--weak", weak),
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
    if let config { try measure(config) } else { try showSideBySide() }
  }

  private func showSideBySide() throws {
    try result.checkPlaces()
    let comparison = try ScalingComparison(files: compare)
    try Terminal.output(ScalingText(columns: Terminal.outputColumns, table: Terminal.tableColumns).of(comparison))
    if let json = result.json { try JSONFile.write(comparison.json, to: json) }
    if let report = result.report { try ResultFile.write(comparison.report().text, to: report) }
  }

  private func measure(_ config: String) throws {
    let counts = try counts()
    let setup = try RunSetup(result.configuration(config))
    let configuration = setup.configuration
    let steps = steps ?? min(60, configuration.totalSteps)
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

  private func counts() throws -> [Int] {
    let threads = threads ?? Self.standardThreads
    return try threads.split(separator: ",", omittingEmptySubsequences: false).map { word in
      let word = word.filter { $0 != " " }
      guard let count = Int(word), count >= 1 else {
        throw RunError.input(
          "--threads \(threads): found \(word.isEmpty ? "nothing" : word), expected counts with commas between, such as 1,2,4"
        )
      }
      return count
    }
  }
}
