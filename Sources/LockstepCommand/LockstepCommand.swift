import ArgumentParser
import Lockstep

@main
struct LockstepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lockstep",
    abstract: "Trains deep networks on CPUs: data-parallel, and the same bits on any number of threads.",
    discussion: """
      A run is described by a YAML file and lives in a folder of its own:

        lockstep train configs/quickstart.yaml --output runs/a
        lockstep resume runs/a
        lockstep fork runs/a --set optimizer.adam.learning_rate=1e-4
        lockstep diagnose configs/quickstart.yaml --steps 100
        lockstep inspect runs/a/checkpoints/step-00029310.safetensors.zst
        lockstep scale configs/quickstart.yaml --threads 1,2,4

      Exit status: \(ExitStatus.help)
      """,
    version: "lockstep \(LockstepVersion.current)",
    subcommands: [
      InitCommand.self, TrainCommand.self, ResumeCommand.self, ForkCommand.self, VerifyCommand.self, AttestCommand.self,
      CheckCommand.self,
      SchemaCommand.self,
      DiagnoseCommand.self, EvaluateCommand.self, ExplainCommand.self, PredictCommand.self, RecalibrateCommand.self,
      ExportCommand.self,
      CompareCommand.self, SearchCommand.self, RunsCommand.self,
      ReportCommand.self,
      DiffCommand.self,
      ScaleCommand.self, FindLRCommand.self, InspectCommand.self, DoctorCommand.self,
    ])

  /// Runs the command, and turns errors into the documented exit statuses.
  static func main() {
    Terminal.prepareOutput()
    // Swift reads them from /proc. Without it every call would be one without arguments, which shows the help.
    guard !CommandLine.arguments.isEmpty else {
      Terminal.failure("/proc: found nothing there, expected it to be mounted (mount -t proc proc /proc)")
      Exit.now(.input)
    }
    Exit.now(run(Array(CommandLine.arguments.dropFirst())))
  }

  private static func run(_ arguments: [String]) -> ExitStatus {
    do {
      if RankedProcess.isIdle(in: arguments.first) { return .done }
      try ChosenInstructionSet.take()
      try UnknownCommand.check(arguments, against: configuration.subcommands)
      var command = try parseAsRoot(arguments)
      try command.run()
      return .done
    } catch let error as ExitCode {
      return ExitStatus(rawValue: error.rawValue) ?? .failed
    } catch {
      guard let (message, status) = telling(error) else { return answer(error) }
      Terminal.failure(message)
      return status
    }
  }

  /// What an error of ours says, and with which status it ends; nil for the parser's.
  static func telling(_ error: any Error) -> (message: String, status: ExitStatus)? {
    switch error {
    // Without a label, as a compiler's: the place stands first, where editors look for it.
    case let error as RunError: ("\(error)", error.exitStatus)
    case let error as ConfigurationErrors:
      (error.errors.count > 1 ? "\(error)\n\(error.errors.count) errors" : "\(error)", .input)
    default: nil
    }
  }

  /// Help and --version arrive as errors too; they are results, and go where results go.
  private static func answer(_ error: any Error) -> ExitStatus {
    let message = fullMessage(for: error)
    let code = exitCode(for: error)
    guard code == .success else {
      let (label, isLabelled) = ("Error: ", message.hasPrefix("Error: "))
      let text = isLabelled ? String(message.dropFirst(label.count)) : message
      // The parser's own sentences have no place; what `validate` throws begins with it.
      Terminal.failure(isLabelled && code == .validationFailure ? "error: \(text)" : text)
      return .input
    }
    do throws(RunError) {
      try Terminal.output(message.trimmingLineEnd)
      return .done
    } catch {
      Terminal.failure("\(error)")
      return error.exitStatus
    }
  }
}

/// A first word that is no command.
private enum UnknownCommand {
  /// - Throws: `RunError.input` with the nearest command.
  static func check(_ arguments: [String], against commands: [any ParsableCommand.Type]) throws(RunError) {
    let names = commands.compactMap { $0.configuration.commandName } + ["help"]
    guard let word = arguments.first, !word.hasPrefix("-"), !names.contains(word) else { return }
    let hint = NearestName.hint(for: word, among: names).map { " (\($0))" } ?? ""
    throw .input(
      "lockstep \(Terminal.printable(word)): found an unknown command, expected one of \(names.joined(separator: ", "))\(hint)"
    )
  }
}

/// LOCKSTEP_INSTRUCTION_SET, by which the kernels of another instruction set run than of the processor's widest.
private enum ChosenInstructionSet {
  private static let variable = "LOCKSTEP_INSTRUCTION_SET"

  /// - Throws: `RunError.input` where the processor has no such instruction set.
  static func take() throws(RunError) {
    guard let name = Terminal.environment(variable), !name.isEmpty else { return }
    let known = Processor.instructionSets
    guard known.contains(name) else {
      throw .input(
        "\(variable): found \(Terminal.printable(name)), expected \(known.count > 1 ? "one of " : "")\(known.joined(separator: ", ")), which this processor has"
      )
    }
    Processor.run(instructionSet: name)
  }
}
