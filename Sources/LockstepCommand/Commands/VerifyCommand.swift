import ArgumentParser
import Lockstep

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Train a run again and compare: the same bits, or the first step and tensor that differ.",
    discussion: """
      Examples:

        lockstep verify runs/a
        lockstep verify runs/a --from 500 --to 1000
        lockstep verify runs/a --sample 3 --json
        lockstep verify runs/a --attestation runs/a/attestation.json

      Every interval between two checkpoints that the run has kept is trained on its own, several beside each other, from the run's own configuration and \
      data; the first begins with the initial weights. A changed data file, key, weight or version is named, and with --attestation whatever lockstep attest \
      has stated of the run and is other now. The run itself stays as it is. Exit status 0: \
      all the same; 1: something is not.
      """)

  @OptionGroup var place: RunArgument

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp("Begin at the checkpoint of this step; 0 for the initial weights.", valueName: "step"))
  var from: Int?

  @Option(
    name: .long, parsing: .unconditional, help: ArgumentHelp("End at the checkpoint of this step.", valueName: "step"))
  var to: Int?

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp("Train only k intervals, picked at random.", valueName: "k"))
  var sample: Int?

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp("What --sample picks by. (default: drawn, and printed)", valueName: "n"))
  var seed: UInt64?

  @Option(
    name: .long, help: ArgumentHelp("Also check a statement that lockstep attest has written.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var attestation: String?

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp("Worker threads of all intervals together. No bit depends on it.", valueName: "n"))
  var threads: Int?

  @Flag(name: .long, help: "Try although this machine's arithmetic is not that of the checkpoints.")
  var acceptDifferentArithmetic = false

  @OptionGroup var overrides: Overrides

  @Flag(name: .long, help: "Print as JSON.")
  var json = false

  @Flag(name: .long, help: "Say nothing but the result.")
  var quiet = false

  func validate() throws {
    try requirePositive(sample, "--sample")
    if seed != nil, sample == nil { throw RunError.input("--seed: expected --sample, which picks by it") }
    try requirePositive(threads, "--threads")
    if let attestation { try requirePath(attestation, "--attestation") }
  }

  func run() throws {
    let status = StatusLine(quiet: quiet)
    var plan = try Verification.Plan(place.path(for: "verify"), from: from, to: to, overrides: overrides.values())
    if let attestation { plan = try plan.checking(statement: attestation) }
    Signals.install(announcing: false)
    let verification = try plan.run(
      sample: sample, seed: seed ?? UInt64.random(in: 0..<1 << 32), threads: threads,
      acceptsDifferentArithmetic: acceptDifferentArithmetic, stop: Signals.stop
    ) { done, all in
      status.show("\(done) of \(all) \(Format.plural(all, "interval")) trained again", isBrief: true)
    }
    status.clear()
    guard let verification else {
      Exit.now(Signals.stop.signal.flatMap { ExitStatus(rawValue: 128 + $0) } ?? .failed)
    }
    try Terminal.output(
      json
        ? JSONValue.object(verification.json).prettyText
        : VerificationText.of(verification, columns: Terminal.tableColumns))
    if !verification.isSame { Exit.now(.failed) }
  }
}
