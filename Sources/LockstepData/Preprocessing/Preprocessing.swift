import LockstepFormats
import LockstepModel

/// What is done to samples of files before a network sees them, and what its outputs mean. It follows from the training
/// samples alone, is kept in every checkpoint, and is applied wherever that checkpoint is used.
///
/// ```
/// a number     x → (x − mean) / deviation           where it is standardised; the population's, 1 for a constant
/// a pixel      x → (x − mean) / deviation           those of its channel, over all samples and positions
/// a category   its place among the categories → 0 … 0 1 0 … 0
/// missing      the column's mean, no category at all
/// a target     y → (y − mean) / deviation           where targets are standardised; outputs are brought back
/// ```
public struct Preprocessing: Sendable, Equatable {
  /// What a standardised target is brought back by: y · deviation + mean.
  public struct Scale: Sendable, Equatable {
    /// Over the training samples, in the target's unit.
    public var mean: Double
    /// Standard deviation over the training samples, 1 for a constant; above 0.
    public var deviation: Double

    package init(mean: Double, deviation: Double) { (self.mean, self.deviation) = (mean, deviation) }
  }

  /// A column of a file as it becomes one or several inputs of the network.
  public struct Column: Sendable, Equatable {
    /// How the cells of a column become inputs of the network.
    public enum Encoding: Sendable, Equatable {
      /// Mean and standard deviation over the training samples. The deviation is 1 where numbers are not standardised,
      /// the mean 0 where they are neither standardised nor may be missing.
      case number(mean: Double, deviation: Double)
      /// One input each, in this order: by value where all are whole numbers, else by their names' bytes.
      case category([String])
    }

    /// From the header of a table; nil for arrays.
    public var name: String?
    /// How its cells become numbers.
    public var encoding: Encoding

    package init(name: String? = nil, encoding: Encoding) { (self.name, self.encoding) = (name, encoding) }

    /// Inputs of the network that the column becomes: 1, or one a category.
    public var width: Int { categories?.count ?? 1 }
    package var isCategory: Bool { categories != nil }

    /// The categories in the order of their inputs; nil for numbers.
    public var categories: [String]? {
      if case .category(let names) = encoding { names } else { nil }
    }
  }

  /// What the network's outputs stand for.
  public enum Targets: Sendable, Equatable {
    /// Names of the classes, sorted: by value where all are whole numbers, else by their bytes. Class k is output k.
    case classes([String])
    /// How many labels of 0 or 1.
    case labels(Int)
    /// How many numbers.
    case numbers(Int)
  }

  /// The columns of features, in the order of the network's inputs. Of an image those of one channel are treated alike.
  public var columns: [Column]
  /// How the columns are an image; nil where they are features, each of its own.
  public var image: ImageLayout?
  /// What the network's outputs stand for.
  public var targets: Targets
  /// Names of the target's columns, where they have any.
  public var targetNames: [String]
  /// Mean and deviation of each target that is a number; empty where targets are not standardised.
  public var targetScales: [Scale]
  /// Whether features that are numbers are brought to mean 0 and standard deviation 1.
  public var isStandardized: Bool
  /// Whether the means of numbers are those of the training samples; else they are 0, and no gap can be filled.
  package var hasMeans: Bool
  /// Whether cells may be empty: a number is then its column's mean, a category 0 in all inputs of its column.
  public var fillsMissing: Bool
  /// Whether a category that training has not seen becomes 0 in all inputs of its column; else it is an error.
  public var ignoresUnknown: Bool
  /// Whether float32 would move a feature by more than a millionth of its deviation before it is standardised: a time
  /// in seconds, say.
  public var needsPreciseInputs: Bool
  /// Whether numbers become float32 before they are standardised, too: as earlier versions did, whose runs go on with
  /// their bits.
  var roundsFirst = false
  /// Training samples, over which the statistics were taken.
  public var samples: Int

  package init(
    columns: [Column], image: ImageLayout? = nil, targets: Targets, targetNames: [String] = [],
    targetScales: [Scale] = [], isStandardized: Bool = false, hasMeans: Bool? = nil, fillsMissing: Bool = false,
    ignoresUnknown: Bool = false,
    needsPreciseInputs: Bool = false, samples: Int
  ) {
    // Neither can be done without them.
    self.hasMeans = hasMeans ?? (isStandardized || fillsMissing)
    (self.columns, self.image, self.targets) = (columns, image, targets)
    (self.targetNames, self.targetScales) = (targetNames, targetScales)
    (self.isStandardized, self.fillsMissing, self.ignoresUnknown) = (isStandardized, fillsMissing, ignoresUnknown)
    (self.needsPreciseInputs, self.samples) = (needsPreciseInputs, samples)
  }

  /// For a model whose data was never in a file: numbers as they are, classes named 0, 1, 2, ….
  package init(identity features: Int, image: ImageLayout? = nil, _ task: LearningTask, samples: Int) {
    let targets: Targets =
      switch task {
      case .classification(let classes): .classes((0..<classes).map(String.init))
      case .labels(let labels): .labels(labels)
      case .regression(let targets): .numbers(targets)
      }
    let column = Column(encoding: .number(mean: 0, deviation: 1))
    self.init(columns: Array(repeating: column, count: features), image: image, targets: targets, samples: samples)
  }

  /// Whether inputs are made as `other` makes them, of however many samples.
  package func isPrepared(as other: Preprocessing) -> Bool {
    var other = other
    other.samples = samples
    return self == other
  }

  /// Inputs of the network: the widths of all columns.
  public var features: Int { columns.reduce(0) { $0 + $1.width } }

  /// What the inputs are to the network.
  public var shape: Shape { image?.shape ?? .features(features) }

  /// How many classes, labels or targets there are.
  public var task: LearningTask {
    switch targets {
    case .classes(let names): .classification(classes: names.count)
    case .labels(let count): .labels(count)
    case .numbers(let count): .regression(targets: count)
    }
  }

  var kind: TargetKind {
    switch targets {
    case .classes: .classes
    case .labels: .labels
    case .numbers: .numbers
    }
  }

  /// Whether more is computed with what files hold before it becomes float32.
  var isPrecise: Bool { !roundsFirst && (isStandardized || !targetScales.isEmpty) }

  /// How samples of another file are read for the model.
  package func rules(withTargets: Bool) -> SampleRules {
    SampleRules(
      kind: withTargets ? kind : nil, known: self, image: image, fillsMissing: fillsMissing,
      ignoresUnknown: ignoresUnknown, isPrecise: isPrecise, obeysOptions: true)
  }

  /// A few of `names`, for a message.
  package static func list(_ names: [String]) -> String {
    let shown = names.prefix(12).map { Display.plain($0) }.joined(separator: ", ")
    return names.count > 12 ? "\(shown), … (\(names.count) in all)" : shown
  }
}
