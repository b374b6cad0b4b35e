import LockstepData
import LockstepFormats
import LockstepKernels

/// What the features of some samples are, column by column, in the units of the files.
public struct DataSummary: Sendable, Equatable {
  /// A column of features, or all pixels of a channel of images.
  public struct Column: Sendable, Equatable {
    /// From the header of a table, or `feature` and its number.
    public var name: String
    /// What the samples have there.
    public var content: Content
  }

  /// What a column holds.
  public enum Content: Sendable, Equatable {
    /// `deviation` is that of the population.
    case numbers(mean: Double, deviation: Double, least: Double, largest: Double)
    /// How many samples have each; `others` have none of them.
    case categories([String], counts: [Int], others: Int)
  }

  /// At most `most`, the first ones.
  public let columns: [Column]
  /// How many there are.
  public let available: Int

  /// Columns that are told of at most.
  static let most = 100
}

/// Gathers a `DataSummary` from the inputs of a network.
struct DataGatherer {
  private struct Numbers {
    var (count, mean, spread) = (0.0, 0.0, 0.0)
    var (least, largest) = (Double.infinity, -Double.infinity)

    /// Welford 1962.
    mutating func add(_ value: Double) {
      count += 1
      let delta = value - mean
      mean += delta / count
      spread += delta * (value - mean)
      (least, largest) = (min(least, value), max(largest, value))
    }

    /// - Parameter mean: around which the network's inputs, which are float32, were made; nil where they are what files
    ///   hold. Six digits of the distances from it are known, and no more are told: a 0 stays one.
    func content(around centre: Double?) -> DataSummary.Content {
      let deviation = (spread / max(1, count)).squareRoot()
      let farthest = centre.map { max(abs(least - $0), abs(largest - $0)) } ?? 0
      guard farthest > 0, farthest.isFinite else {
        return .numbers(mean: mean, deviation: deviation, least: least, largest: largest)
      }
      let decimals = 5 - Int((Scalar.log(farthest) / Scalar.log(10)).rounded(.down))
      let unit = Scalar.exp(-Double(decimals) * Scalar.log(10))
      func known(_ value: Double) -> Double { decimals > 0 ? Format.rounded(value, decimals) : value }
      return .numbers(
        mean: abs(mean) < unit ? 0 : mean, deviation: deviation < unit ? 0 : deviation, least: known(least),
        largest: known(largest))
    }
  }

  private let names: [String]
  private let isStandardized: Bool
  private let columns: ArraySlice<Preprocessing.Column>
  /// Channels of the images that samples are; nil where they are features.
  private let channels: Int?
  private let available: Int
  private var numbers: [Numbers]
  private var counts: [[Int]]
  private var samples = 0

  init(_ preprocessing: Preprocessing, names: [String]) {
    channels = preprocessing.image?.channels
    available = channels ?? preprocessing.columns.count
    isStandardized = preprocessing.isStandardized
    // Of an image, every channel's pixels are treated alike, and the channels stand last.
    columns = preprocessing.columns.prefix(channels ?? DataSummary.most)
    self.names = channels.map { (0..<$0).map { "channel \($0)" } } ?? names
    numbers = Array(repeating: Numbers(), count: columns.count)
    counts = columns.map { Array(repeating: 0, count: $0.categories?.count ?? 0) }
  }

  mutating func add(_ inputs: Matrix) {
    for row in 0..<inputs.rows {
      let values = inputs.row(row)
      if let channels {
        for place in 0..<values.count { add(values[place], to: place % channels) }
      } else {
        var at = 0
        for (index, column) in columns.enumerated() {
          if column.categories == nil { add(values[at], to: index) }
          for category in counts[index].indices where values[at + category] > 0 { counts[index][category] += 1 }
          at += column.width
        }
      }
    }
    samples += inputs.rows
  }

  private mutating func add(_ value: Float, to index: Int) {
    numbers[index].add(columns[index].value(of: value, isStandardized: isStandardized))
  }

  var summary: DataSummary {
    let told = columns.enumerated().map { index, column in
      let found = numbers[index]
      let content: DataSummary.Content =
        if let categories = column.categories {
          .categories(categories, counts: counts[index], others: samples - counts[index].reduce(0, +))
        } else {
          isStandardized
            ? found.content(around: column.value(of: 0, isStandardized: true)) : found.content(around: nil)
        }
      return DataSummary.Column(name: names[index], content: content)
    }
    return DataSummary(columns: told, available: available)
  }
}

extension Preprocessing.Column {
  /// What files hold where the network's input is `input`; of a category that itself.
  func value(of input: Float, isStandardized: Bool) -> Double {
    guard isStandardized, case .number(let mean, let deviation) = encoding else { return Double(input) }
    return Double(input) * deviation + mean
  }
}
