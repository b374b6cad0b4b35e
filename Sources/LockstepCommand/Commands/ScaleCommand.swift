import ArgumentParser
import Lockstep

struct ScaleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scale",
    abstract: "Train the same steps on several thread counts and compare.",
    discussion: """
      lockstep scale configs/quickstart.yaml --threads 1,2,4
      lockstep scale configs/bench/wide.yaml --threads 1,2 --steps 40 --json wide.json

      The ceiling is what the step's matrix products alone reach, measured in turn with the training. Nothing is saved.
      """)

  @Argument(help: "The configuration, a YAML file.")
  var config: String

  @Option(name: .long, help: "Thread counts to compare, with commas between.")
  var threads: String = "1,2"

  @Option(name: .long, help: "Steps that each count trains.")
  var steps: Int = 60

  @Option(name: .customLong("set"), help: ArgumentHelp("Override one value of the configuration; may be given again.", valueName: "key=value"))
  var overrides: [String] = []

  @Option(name: .long, help: ArgumentHelp("Also write the figures as JSON.", valueName: "file"))
  var json: String?

  @Flag(name: .long, help: "Say nothing but the result.")
  var quiet = false

  func run() throws {
    let counts = try threads.split(separator: ",", omittingEmptySubsequences: false).map { word in
      guard let count = Int(word), count >= 1 else {
        throw RunError.input("--threads \(threads): found \(word.isEmpty ? "nothing" : String(word)), expected counts with commas between, such as 1,2,4")
      }
      return count
    }
    let configuration = try RunConfiguration(file: config, overrides: overrides.map { try ConfigurationOverride($0) })
    let scaling = try ThreadScaling.measure(configuration, threads: counts, steps: steps) { text in
      if !quiet { Terminal.progress(Terminal.isLive ? "\r\(text)\u{1B}[K" : "\(text)\n") }
    }
    if !quiet && Terminal.isLive { Terminal.progress("\r\u{1B}[K") }
    Terminal.output(ScaleCommand.text(scaling, configuration))
    if let json { try JSONFile.write(scaling.json, to: json) }
    if !scaling.digestsAgree { throw RunError.failed("the digests differ: the trained bits depend on the number of threads, which must never be") }
  }

  static func text(_ scaling: ThreadScaling, _ configuration: RunConfiguration) -> String {
    let shown = Phase.allCases.filter { phase in
      scaling.rows.contains { row in row.phases.contains { $0.phase == phase && $0.share >= 0.0005 } }
    }
    let header = ["threads", "samples/s", "speed-up", "efficiency", "ceiling", "of it"] + shown.map(\.name)
    let rows = scaling.rows.map { row in
      [
        "\(row.threads)", Format.count(Int(row.samplesPerSecond)), "\(Format.fixed(row.speedUp, 2)) ×", Format.percent(row.efficiency),
        Format.count(Int(row.ceiling)), Format.percent(row.ceilingShare),
      ] + shown.map { phase in Format.percent(row.phases.first { $0.phase == phase }?.share ?? 0) }
    }
    let digest = scaling.rows.first?.weightsDigest ?? ""
    let best = scaling.rows.map(\.samplesPerSecond).max() ?? 0
    return """
      \(configuration.name): \(scaling.steps) steps of \(scaling.batch) samples in \(scaling.shards) shards, best of 3 turns

      \(Table.text(header, rows, right: Set(header.indices)))

      ceiling with a shard a thread: \(Format.count(Int(scaling.idealCeiling))) samples/s, of which the best row reaches \(Format.percent(best / scaling.idealCeiling))
      \(scaling.digestsAgree ? "same bits on every row: weights digest \(digest)" : "DIFFERENT BITS: \(scaling.rows.map(\.weightsDigest).joined(separator: " "))")
      """
  }
}
