import ArgumentParser
import Lockstep
import LockstepReport

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

  @Argument(help: "The configuration, a YAML file.", completion: .configuration)
  var config: String

  @Option(name: .long, parsing: .unconditional, help: ArgumentHelp("The first learning rate.", valueName: "rate"))
  var from = 1e-7

  @Option(name: .long, parsing: .unconditional, help: ArgumentHelp("The last learning rate.", valueName: "rate"))
  var to = 10.0

  @Option(
    name: .long, parsing: .unconditional, help: ArgumentHelp("Steps from the first to the last.", valueName: "n"))
  var steps = 100

  @OptionGroup var options: MeasurementOptions

  func validate() throws {
    try requirePath(config, "the configuration")
  }

  func run() throws {
    let setup = try RunSetup(options.configuration(config))
    let configuration = setup.configuration
    let status = StatusLine(quiet: options.quiet)
    let plan = LearningRateRange.Plan(from: from, to: to, steps: steps)
    let range = try LearningRateRange.measure(setup, plan) { result in
      status.show("step \(result.step)/\(steps)", isBrief: true)
    }
    status.clear()
    let text = LearningRateText(columns: Terminal.outputColumns, style: Terminal.outputStyle)
    try Terminal.output(text.of(range, configuration))
    if let json = options.json { try JSONFile.write(range.json(for: configuration), to: json) }
    if let report = options.report { try ResultFile.write(range.report(for: configuration).text, to: report) }
  }
}
