import LockstepTraining

/// What is done to samples of files before a network sees them, and what its outputs mean. Found out from the training samples alone, kept in every
/// checkpoint, and applied wherever that checkpoint is used.
///
/// ```
/// a number     x → (x − mean) / deviation           where it is standardised; deviation is that of the population, 1 for a constant
/// a category   its place among the sorted categories → 0 … 0 1 0 … 0
/// missing      the column's mean, no category at all
/// ```
public struct Preprocessing: Sendable, Equatable {
  /// A column of a file as it becomes one or several inputs of the network.
  public struct Column: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
      /// Mean and standard deviation over the training samples; 0 and 1 where nobody asked for them.
      case number(mean: Double, deviation: Double)
      /// One input each, in this order, which is that of their names' bytes.
      case category([String])
    }

    /// From the header of a table; nil for arrays.
    public var name: String?
    public var kind: Kind

    public init(name: String? = nil, kind: Kind) { (self.name, self.kind) = (name, kind) }

    /// Inputs of the network.
    public var width: Int { categories?.count ?? 1 }
    public var isCategory: Bool { categories != nil }

    public var categories: [String]? {
      if case .category(let names) = kind { names } else { nil }
    }
  }

  public enum Targets: Sendable, Equatable {
    /// Names of the classes, in the order of their names' bytes; class k is output k.
    case classes([String])
    /// How many numbers.
    case numbers(Int)
  }

  public var columns: [Column]
  public var targets: Targets
  /// Names of the target's columns, where they have any.
  public var targetNames: [String]
  /// Whether numbers are brought to mean 0 and standard deviation 1.
  public var isStandardized: Bool
  /// Whether cells may be empty.
  public var fillsMissing: Bool
  /// Training samples, over which the statistics were taken.
  public var samples: Int

  public init(
    columns: [Column], targets: Targets, targetNames: [String] = [], isStandardized: Bool = false,
    fillsMissing: Bool = false, samples: Int
  ) {
    (self.columns, self.targets, self.targetNames) = (columns, targets, targetNames)
    (self.isStandardized, self.fillsMissing, self.samples) = (isStandardized, fillsMissing, samples)
  }

  /// For a model whose data was never in a file: numbers as they are, classes named 0, 1, 2, ….
  public init(identity features: Int, _ task: Task, samples: Int) {
    let targets: Targets =
      switch task {
      case .classification(let classes): .classes((0..<classes).map(String.init))
      case .regression(let targets), .labels(let targets): .numbers(targets)
      }
    let column = Column(kind: .number(mean: 0, deviation: 1))
    self.init(columns: Array(repeating: column, count: features), targets: targets, samples: samples)
  }

  /// Inputs of the network.
  public var features: Int { columns.reduce(0) { $0 + $1.width } }

  public var task: Task {
    switch targets {
    case .classes(let names): .classification(classes: names.count)
    case .numbers(let count): .regression(targets: count)
    }
  }

  var kind: TargetKind {
    if case .classes = targets { .classes } else { .numbers }
  }

  /// A few of `names`, for a message.
  static func list(_ names: [String]) -> String {
    let shown = names.prefix(12).map { Display.plain($0) }.joined(separator: ", ")
    return names.count > 12 ? "\(shown), … (\(names.count) in all)" : shown
  }

  /// Names in the order in which classes and categories are numbered: that of their UTF-8 bytes, which is also that of Python's `sorted`.
  static func sorted(_ names: [String]) -> [String] {
    names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
