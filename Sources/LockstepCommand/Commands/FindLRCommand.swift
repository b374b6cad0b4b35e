import ArgumentParser
import Lockstep

struct FindLRCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "find-lr",
    abstract: "Try growing learning rates and suggest one.",
    discussion: """
      Examples:

        lockstep find-lr configs/quickstart.yaml
        lockstep find-lr configs/quickstart.yaml --from 1e-5 --to 1 --report lr.html

      Trains from the initial weights while the learning rate grows from step to step, until the smoothed loss is 4 times its minimum (the range test \
      of Smith 2017). Nothing is saved.
      """)

  @Argument(help: "The configuration, a YAML file.")
  var config: String

  @Option(name: .long, parsing: .unconditional, help: ArgumentHelp("The first learning rate.", valueName: "rate"))
  var from = 1e-7

  @Option(name: .long, parsing: .unconditional, help: ArgumentHelp("The last learning rate.", valueName: "rate"))
  var to = 10.0

  @Option(
    name: .long, parsing: .unconditional, help: ArgumentHelp("Steps from the first to the last.", valueName: "n"))
  var steps = 100

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp("Worker threads. The figures do not depend on it.", valueName: "n"))
  var threads: Int?

  @OptionGroup var overrides: Overrides

  @Option(name: .long, help: ArgumentHelp("Also write the figures as JSON.", valueName: "file"))
  var json: String?

  @Option(name: .long, help: ArgumentHelp("Also write a page with the curve.", valueName: "file"))
  var report: String?

  @Flag(name: .long, help: "Say nothing but the result.")
  var quiet = false

  func validate() throws {
    try requirePath(config, "the configuration")
    if let threads, threads < 1 { throw ValidationError("--threads \(threads): expected at least 1.") }
  }

  func run() throws {
    var overrides = try overrides.values()
    if let threads {
      overrides.append(
        ConfigurationOverride(path: "training.threads", value: "\(threads)", label: "--threads \(threads)"))
    }
    let configuration = try RunConfiguration(file: config, overrides: overrides)
    if let json { try requireWritable(json, "--json") }
    if let report { try requireWritable(report, "--report") }
    let isShown = !quiet && Terminal.isLive
    let plan = LearningRateRange.Plan(from: from, to: to, steps: steps)
    let range = try LearningRateRange.measure(configuration, plan) { result in
      if isShown { Terminal.progress("\rstep \(result.step)/\(steps)\u{1B}[K") }
    }
    if isShown { Terminal.progress("\r\u{1B}[K") }
    let text = LearningRateText(columns: Terminal.outputColumns, style: Terminal.outputStyle)
    try Terminal.output(text.of(range, configuration))
    if let json { try JSONFile.write(range.json(for: configuration), to: json) }
    if let report { try ResultFile.write(range.report(for: configuration).text, to: report) }
  }
}
