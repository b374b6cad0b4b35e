import LockstepFormats
import LockstepRuns

/// A finished run in a form that others can check: the statement of what its model came of, and what a model card is
/// made of.
///
/// ```swift
/// let attestation = try Attestation(of: Verification.Plan("runs/a"))
/// print(attestation.statement.text)
/// ```
public struct Attestation: Sendable {
  /// What the model came of. The same run gives the same statement, byte for byte, by the same program.
  public let statement: ProvenanceStatement
  /// The run as its folder tells.
  public let run: RunRecord
  /// The last checkpoint, which is the model.
  package let model: CheckpointRecord
  /// What it was trained and evaluated on, open.
  package let setup: RunSetup
  /// How many checkpoints the run has kept.
  public let checkpoints: Int
  /// What a person should know besides, a sentence each.
  public let notes: [String]

  /// SHA-256 of the tensors of the last checkpoint: the digest by which a run is told from others.
  public var weightsDigest: String { model.weightsDigest }

  /// Gathers all of it; nothing in the folder is changed.
  ///
  /// - Throws: `RunError.input` where the run has not finished, or it, its checkpoints or its data are not as they say:
  ///   a statement is made of what can be verified.
  public init(of plan: Verification.Plan) throws(RunError) {
    run = plan.record
    switch run.state {
    case .finished, .stoppedEarly: break
    default:
      throw .input(
        "\(plan.run): found a run that is \(run.state.words), expected one that has finished (go on with it: \(run.resumeCommand))"
      )
    }
    let evidence = try RunEvidence(plan)
    let problems = plan.findings + evidence.problems
    if !problems.isEmpty { throw .input(problems.joined(separator: "\n")) }
    guard let model = plan.last, let setup = evidence.setup else {
      throw .input("\(plan.run): found no checkpoint that can be read, expected at least one")
    }
    (statement, checkpoints) = (evidence.statement, plan.records.count)
    (self.model, self.setup) = (model, setup)
    notes = plan.notes
    let count = statement.text.utf8.count
    if count > JSONValue.longestText {
      throw .input(
        "\(plan.run): found \(Format.count(checkpoints)) checkpoints, of which a statement takes \(Format.bytes(count)), expected at most \(Format.bytes(JSONValue.longestText)) (move some of them away)"
      )
    }
  }
}
