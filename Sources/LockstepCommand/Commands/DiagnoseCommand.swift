import ArgumentParser
import Lockstep
import LockstepReport

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
      (signal or gradient), saturated, dying, lost updates, or imprecise. Nothing is saved.
      """)

  @Argument(help: "The configuration, a YAML file.", completion: .configuration)
  var config: String

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp("Train n steps and look again. (default: 0, the initial network alone)", valueName: "n"))
  var steps: Int?

  @OptionGroup var options: MeasurementOptions

  func validate() throws {
    try requirePath(config, "the configuration")
    if let steps, steps < 0 { throw RunError.input("--steps \(steps): expected at least 0") }
  }

  func run() throws {
    let setup = try RunSetup(options.configuration(config))
    let configuration = setup.configuration
    let steps = steps ?? 0
    let status = StatusLine(quiet: options.quiet)
    let diagnosis = try Diagnosis.measure(setup, steps: steps) { result in
      status.show("step \(result.step)/\(steps)", isBrief: true)
    }
    status.clear()
    let advice = try diagnosis.advice(for: configuration, file: config, overrides: options.configurationOverrides())
    let text = DiagnosisText(columns: Terminal.outputColumns, style: Terminal.outputStyle)
    try Terminal.output(text.of(diagnosis, advice, name: configuration.name))
    if let json = options.json { try JSONFile.write(diagnosis.json(advice: advice), to: json) }
    if let report = options.report {
      try ResultFile.write(diagnosis.report(name: configuration.name, advice: advice).text, to: report)
    }
  }
}
