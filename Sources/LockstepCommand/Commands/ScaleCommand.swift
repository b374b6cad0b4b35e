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
        lockstep scale configs/bench/wide.yaml --steps 40 --json wide.json

      The ceiling is what the step's matrix products alone reach, measured in turn with the training. Nothing is saved.
      """)

  @Argument(help: "The configuration, a YAML file.", completion: .configuration)
  var config: String

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp(
      "Thread counts to compare, with commas between; speed-up is against the fewest.", valueName: "n,n,…"))
  var threads: String = "1,2"

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp("Steps that each count trains. (default: 60, or the whole run if it is shorter)", valueName: "n")
  )
  var steps: Int?

  @OptionGroup var result: ResultOptions

  func validate() throws { try requirePath(config, "the configuration") }

  func run() throws {
    let counts = try counts()
    let setup = try RunSetup(result.configuration(config))
    let configuration = setup.configuration
    let steps = steps ?? min(60, configuration.totalSteps)
    for note in counts.filter({ $0 <= 128 }).compactMap({ ThreadNotes.beyondCores($0) }) where !result.quiet {
      Terminal.error("note: \(note)")
    }
    let status = StatusLine(quiet: result.quiet)
    let scaling = try ThreadScaling.measure(setup, threads: counts, steps: steps) { text in
      status.show(text)
    }
    status.clear()
    try Terminal.output(ScaleCommand.text(scaling, configuration, columns: Terminal.tableColumns))
    if let json = result.json { try JSONFile.write(scaling.json, to: json) }
    if let report = result.report { try ResultFile.write(scaling.report(for: configuration).text, to: report) }
    if !scaling.digestsAgree {
      throw RunError.failed(
        "--threads \(threads): found digests that differ, expected the same on every number of threads: the trained bits must never depend on it"
      )
    }
  }

  private func counts() throws -> [Int] {
    try threads.split(separator: ",", omittingEmptySubsequences: false).map { word in
      let word = word.filter { $0 != " " }
      guard let count = Int(word), count >= 1 else {
        throw RunError.input(
          "--threads \(threads): found \(word.isEmpty ? "nothing" : word), expected counts with commas between, such as 1,2,4"
        )
      }
      return count
    }
  }

  static func text(_ scaling: ThreadScaling, _ configuration: RunConfiguration, columns: Int? = nil) -> String {
    let header =
      ["threads", "samples/s", scaling.speedUpTitle, "efficiency", "ceiling", "of it"] + scaling.shown.map(\.name)
    let digest = scaling.rows.first?.weightsDigest ?? ""
    let best = scaling.rows.map(\.samplesPerSecond).max() ?? 0
    return """
      \(configuration.name): \(scaling.steps) steps of \(scaling.batch) samples in \(scaling.shards) shards, best of 3 turns

      \(Table.text(header, scaling.cells, right: Set(header.indices), columns: columns))

      ceiling with a shard a thread: \(Format.count(scaling.idealCeiling)) samples/s, of which the best row reaches \(Format.percent(best / scaling.idealCeiling))
      \(scaling.digestsAgree ? "same bits on every row: weights digest \(digest)" : "DIFFERENT BITS: \(scaling.rows.map(\.weightsDigest).joined(separator: " "))")
      """
  }
}
