import ArgumentParser
import Lockstep

extension RunModel: EnumerableFlag {
  /// What the flag of a value says.
  public static func help(for value: RunModel) -> ArgumentHelp? {
    switch value {
    case .best:
      "Of a run's folder: the checkpoint of its best evaluation, the default where checkpoint.keep_best is set."
    case .last: "Of a run's folder: the newest checkpoint, the default elsewhere."
    }
  }
}

/// The model that a command takes: a checkpoint, or the folder of a run.
struct ModelArgument: ParsableArguments {
  @Argument(help: "A checkpoint, or the folder of a run.", completion: .checkpoint)
  var checkpoint: String

  @Flag(exclusivity: .exclusive)
  var model: RunModel?

  /// The checkpoint; says which where it was chosen.
  func path() throws -> String {
    try requirePath(checkpoint, "the checkpoint")
    let (path, chosen) = try RunModel.checkpoint(at: checkpoint, model)
    if let (model, step) = chosen {
      let words = model == .best ? "the best evaluation's checkpoint" : "the newest checkpoint"
      Terminal.error("note: \(checkpoint): \(words), step \(step)")
    }
    return path
  }
}
