import LockstepData

/// A sample that the model is far off on.
public struct WorstSample: Sendable, Equatable {
  /// Its number among the samples of the data set, from 0.
  public var number: Int
  /// What it is called where it comes from, such as a file; nil where it has a number alone.
  public var name: String?
  /// Its row in the file, from 0; nil where it comes of none.
  public var row: Int?
  /// The cells of its features, where the file is a table.
  public var cells: [String] = []
  /// For classes −ln p of its class, for labels the mean of −ln p of what is true of each, for numbers the mean of the
  /// squared errors, in the unit that the network learns.
  public var loss: Double
  /// What it is: a name, or numbers as a file has them, with four digits.
  public var truth: String
  /// What it is taken for.
  public var predicted: String
}

/// Gathers the samples with the largest losses; of equal ones the first.
struct WorstGatherer {
  /// Kept at most.
  static let most = 12

  private(set) var worst: [WorstSample] = []

  /// Whether a sample of that loss is among the worst so far.
  func takes(_ loss: Double) -> Bool {
    guard worst.count == Self.most, let last = worst.last else { return true }
    return Self.isWorse(loss, last.loss)
  }

  mutating func add(_ sample: WorstSample) {
    let place = worst.firstIndex { Self.isWorse(sample.loss, $0.loss) } ?? worst.count
    worst.insert(sample, at: place)
    if worst.count > Self.most { worst.removeLast() }
  }

  /// What is no number is worse than any.
  private static func isWorse(_ a: Double, _ b: Double) -> Bool { a.isNaN ? !b.isNaN : a > b }

  /// The worst first, each with where it comes from.
  func traced(in data: any Dataset) -> [WorstSample] {
    worst.map { sample in
      var sample = sample
      sample.name = data.name(of: sample.number)
      if let origin = (data as? any TracedDataset)?.origin(of: sample.number) {
        (sample.row, sample.cells) = (origin.row, origin.cells)
      }
      return sample
    }
  }
}
