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
        lockstep diagnose configs/vanishing-sigmoid.yaml --prove --apply cured.yaml
        lockstep diagnose configs/quickstart.yaml \\
          --set model.layers.2=sigmoid --json figures.json

      Looks at the network at initialisation and, with --steps, once more after training so far. The verdict is healthy, vanishing or exploding \
      (signal or gradient), saturated, dying, lost updates, or imprecise. What might mend it is diagnosed in its turn, and told the best first; with --prove \
      the run is trained with and without. Nothing is saved but what is asked for.
      """)

  @Argument(help: "The configuration, a YAML file.", completion: .configuration)
  var config: String

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp("Train n steps and look again. (default: 0, the initial network alone)", valueName: "n"))
  var steps: Int?

  @Flag(
    inversion: .prefixedNo,
    help: "Look the run over: its data, the loss it starts with, its first steps beside baselines.")
  var checks = true

  @Flag(help: "Train the run without and with each cure, and tell what that changes.")
  var prove = false

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp("With how many seeds --prove trains each. (default: 5)", valueName: "n"))
  var seeds: Int?

  @Option(
    help: ArgumentHelp("Write the configuration with the best cure, a new file.", valueName: "file"),
    completion: .file())
  var apply: String?

  @OptionGroup var options: MeasurementOptions

  func validate() throws {
    try requirePath(config, "the configuration")
    if let apply { try requirePath(apply, "--apply") }
    try requirePositive(seeds, "--seeds")
    if seeds != nil, !prove { throw RunError.input("--seeds: expected --prove beside it, which trains with them") }
    if let steps, steps < 0 { throw RunError.input("--steps \(steps): expected at least 0") }
  }

  func run() throws {
    if let apply {
      guard (try? Folder.item(at: apply)) == .missing else {
        throw RunError.input("--apply \(apply): found a file already, expected none")
      }
      try requireWritable(apply, "--apply")
    }
    let setup = try RunSetup(options.configuration(config))
    let configuration = setup.configuration
    if prove { try CureProof.check(configuration) }
    let steps = steps ?? 0
    let status = StatusLine(quiet: options.quiet)
    let diagnosis = try Diagnosis.measure(setup, steps: steps) { result in
      status.show("step \(result.step)/\(steps)", isBrief: true)
    }
    let checks = checks ? try diagnosis.checks(of: setup, steps: steps) { status.show($0, isBrief: true) } : []
    let advice = try diagnosis.advice(for: configuration, file: config, overrides: options.configurationOverrides())
    let prescription = try Prescription(
      for: diagnosis, of: setup, steps: steps, advice: advice, provingWith: prove ? seeds ?? 5 : nil
    ) { status.show($0, isBrief: true) }
    status.clear()
    let text = DiagnosisText(columns: Terminal.outputColumns, style: Terminal.outputStyle)
    try Terminal.output(text.of(diagnosis, prescription, checks, name: configuration.name))
    if let json = options.json { try JSONFile.write(diagnosis.json(prescription, checks: checks), to: json) }
    if let report = options.report {
      try ResultFile.write(diagnosis.report(name: configuration.name, prescription, checks: checks).text, to: report)
    }
    guard let apply else { return }
    guard let best = prescription.best else {
      let reason = diagnosis.verdicts == [.healthy] ? "nothing is wrong" : "no cure mends what is wrong"
      return Terminal.warning("--apply \(apply): not written, because \(reason)")
    }
    try ResultFile.write(best.configuration.resolvedYAML, to: apply)
  }
}
