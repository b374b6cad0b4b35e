import ArgumentParser
import Lockstep

struct DiagnoseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diagnose",
    abstract: "Show what signal and gradient do layer by layer, and what to change.",
    discussion: """
      Examples:

        lockstep diagnose configs/quickstart.yaml
        lockstep diagnose configs/deep-selu.yaml --steps 200 --report deep.html
        lockstep diagnose configs/quickstart.yaml \\
          --set model.layers.2=sigmoid --json figures.json

      Looks at the network at initialisation and, with --steps, once more after training so far. The verdict is healthy, vanishing or exploding \
      (signal or gradient), saturated, or dying. Nothing is saved.
      """)

  @Argument(help: "The configuration, a YAML file.")
  var config: String

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp("Train n steps and look again. (default: 0, the initial network alone)", valueName: "n"))
  var steps: Int?

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp("Worker threads of the steps. The figures do not depend on it.", valueName: "n"))
  var threads: Int?

  @OptionGroup var overrides: Overrides

  @Option(name: .long, help: ArgumentHelp("Also write the figures as JSON.", valueName: "file"))
  var json: String?

  @Option(name: .long, help: ArgumentHelp("Also write a page with charts and histograms.", valueName: "file"))
  var report: String?

  @Flag(name: .long, help: "Say nothing but the result.")
  var quiet = false

  func validate() throws {
    try requirePath(config, "the configuration")
    if let steps, steps < 0 { throw ValidationError("--steps \(steps): expected at least 0.") }
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
    let steps = steps ?? 0
    let isShown = steps > 0 && !quiet && Terminal.isLive
    let diagnosis = try Diagnosis.measure(configuration, steps: steps) { result in
      if isShown { Terminal.progress("\rstep \(result.step)/\(steps)\u{1B}[K") }
    }
    if isShown { Terminal.progress("\r\u{1B}[K") }
    let advice = diagnosis.advice(for: configuration, file: config, overrides: overrides)
    let text = DiagnosisText(columns: Terminal.outputColumns, style: Terminal.outputStyle)
    try Terminal.output(text.of(diagnosis, advice, name: configuration.name))
    if let json { try JSONFile.write(diagnosis.json(advice: advice), to: json) }
    if let report { try ResultFile.write(diagnosis.report(name: configuration.name, advice: advice).text, to: report) }
  }
}
