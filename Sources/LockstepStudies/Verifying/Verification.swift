import LockstepFormats

/// Whether a run is what it says: trained again from its own configuration and data, interval by interval, and compared
/// bit for bit.
///
/// ```swift
/// let verification = try Verification.Plan("runs/a").run()
/// print(verification.isSame)
/// ```
///
/// An interval lies between two checkpoints that the run has kept, or between its initial weights and the first. Each
/// is trained from its own beginning, so that several are trained beside each other and some alone can be picked. Where
/// all are the same, the last weights are those that the configuration and the data give.
public struct Verification: Sendable, Equatable {
  /// What became of an interval.
  public enum Outcome: Sendable, Equatable {
    /// Every bit is the one of the run.
    case same
    /// Something is not.
    case differs(Difference)
    /// It could not be trained as the run was: the data is another, a key, the arithmetic; the text says which.
    case notTrained(String)
  }

  /// The steps from one checkpoint to the next.
  public struct Interval: Sendable, Equatable {
    /// The steps that were done at its beginning; 0 for the initial weights.
    public var from: Int
    /// The steps that were done at its end.
    public var to: Int
    /// What became of it.
    public var outcome: Outcome
    /// How long it took to train and to compare.
    public var seconds: Double
  }

  /// Where an interval that was trained again is not what the run has left.
  public struct Difference: Sendable, Equatable {
    /// An element of a tensor.
    public struct Element: Sendable, Equatable {
      /// The tensor's name in the checkpoint.
      public var tensor: String
      /// Its place in the tensor.
      public var index: Int
      /// What the run's checkpoint holds.
      public var found: Float
      /// What training again gave.
      public var expected: Float
      /// How many tensors of the checkpoint differ.
      public var tensors: Int
    }

    /// A value in the run's log.
    public struct LogValue: Sendable, Equatable {
      /// The event of the line, such as `train`.
      public var event: String
      /// Its step.
      public var step: Int
      /// The name of the value.
      public var name: String
      /// What the log says; nil for nothing.
      public var found: JSONValue?
      /// What training again gave.
      public var expected: JSONValue
    }

    /// The last step up to which nothing is known to differ.
    public var lastSame: Int
    /// The first step at which something does.
    public var step: Int
    /// The first tensor, in the order of the checkpoint, that differs, and the first element of it.
    public var element: Element?
    /// The first line of the log that differs.
    public var logValue: LogValue?
    /// Whether the checkpoint says otherwise how far optimizer and schedule had come.
    public var isOfState: Bool
  }

  /// The folder of the run.
  public var run: String
  /// What is not as the run, its files or its checkpoints tell, a sentence each; empty where nothing is amiss.
  public var findings: [String]
  /// What a person should know besides.
  public var notes: [String]
  /// The intervals that were trained, in the order of their steps.
  public var intervals: [Interval]
  /// How many intervals the run has in all.
  public var allIntervals: Int
  /// The seed by which the intervals were picked; nil where all were trained.
  public var seed: UInt64?
  /// The version of Lockstep that wrote the run's last checkpoint.
  public var version: String?
  /// What the run was trained on: the digest of its files' contents, or the settings of the generator.
  public var data: String?
  /// SHA-256 of the tensors of the last checkpoint; nil where none is whole.
  public var weightsDigest: String?

  /// Whether nothing is amiss, and every interval that was trained is the same.
  public var isSame: Bool { findings.isEmpty && intervals.allSatisfy { $0.outcome == .same } }
  /// The first interval that is not the same.
  public var firstDifferent: Interval? { intervals.first { $0.outcome != .same } }
}

// MARK: In words

extension Verification.Interval {
  /// `steps 0 to 500`.
  public var words: String { "steps \(Format.count(from)) to \(Format.count(to))" }
}

extension Verification.Outcome {
  /// `same`, `differs` or `not trained`.
  public var word: String {
    switch self {
    case .same: "same"
    case .differs: "differs"
    case .notTrained: "not trained"
    }
  }
}

extension Verification.Difference: CustomStringConvertible {
  /// The first step, then what differs.
  public var description: String {
    let first =
      step == lastSame + 1
      ? "step \(step)" : "steps \(lastSame + 1) to \(step) (nothing between them was recorded)"
    let parts = [logValue.map(Self.words), element.map(Self.words), isOfState ? Self.stateWords : nil]
    return "first at \(first): \(parts.compactMap { $0 }.joined(separator: "; "))"
  }

  private static let stateWords = "the checkpoint has another state of optimizer or schedule than training again gave"

  private static func words(_ value: LogValue) -> String {
    "\(value.name) of the \(value.event) line of step \(value.step) in metrics.jsonl: found \(value.found?.text ?? "none"), "
      + "expected \(value.expected.text)"
  }

  private static func words(_ element: Element) -> String {
    let more = element.tensors - 1
    return "tensor \(element.tensor), element \(element.index): found \(element.found), expected \(element.expected)"
      + (more > 0 ? ", and \(more) more \(Format.plural(more, "tensor")) differ" : "")
  }
}
