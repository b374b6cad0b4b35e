import LockstepData
import LockstepFormats
import LockstepKernels
import LockstepModel

/// What is written of a network's outputs, with the names of the columns.
enum PredictionContent {
  /// The name of the likeliest class.
  case classes([String])
  /// One column a label: 1 where its logit is above 0, else 0.
  case labels([String])
  /// One column a class, or a label.
  case probabilities([String])
  /// The name of the likeliest class, then one column a class.
  case classesAndProbabilities([String])
  /// Each label, and behind it its probability.
  case labelsAndProbabilities([String])
  /// One column a target.
  case numbers([String])

  static let prediction = "prediction"

  init(_ preprocessing: Preprocessing, _ columns: PredictionOptions.Columns) throws(RunError) {
    let named = preprocessing.targetNames
    switch preprocessing.targets {
    case .classes(let names):
      self =
        switch columns {
        case .prediction: .classes(names)
        case .probabilities: .probabilities(names)
        case .both: .classesAndProbabilities(names)
        }
    case .labels(let count):
      let names = named.count == count ? named : (0..<count).map { "label_\($0)" }
      self =
        switch columns {
        case .prediction: .labels(names)
        case .probabilities: .probabilities(names)
        case .both: .labelsAndProbabilities(names)
        }
    case .numbers(let count):
      guard columns == .prediction else {
        throw .input("\(columns.option): the model predicts numbers, not classes")
      }
      self = .numbers(
        named.count == count
          ? named : count == 1 ? [Self.prediction] : (0..<count).map { "\(Self.prediction)_\($0)" })
    }
  }

  /// The names of its columns.
  var titles: [String] {
    switch self {
    case .classes: [Self.prediction]
    case .labels(let names), .probabilities(let names), .numbers(let names): names
    case .classesAndProbabilities(let names): [Self.prediction] + names
    case .labelsAndProbabilities(let names): names.flatMap { [$0, "\($0)_probability"] }
    }
  }

  /// Whether more is written than the outputs themselves say: probabilities, or numbers in their units.
  var needsConclusion: Bool {
    switch self {
    case .classes, .labels: false
    case .probabilities, .classesAndProbabilities, .labelsAndProbabilities, .numbers: true
    }
  }

  /// - Throws: `RunError.input` where two columns of the file to be written would have one name.
  ///
  /// - Parameter kept: columns that stand before its own.
  func checkTitles(besides kept: [String]) throws(RunError) {
    var seen: Set<[UInt8]> = []
    for (index, title) in (kept + titles).enumerated() where !seen.insert(Array(title.utf8)).inserted {
      let own = titles.contains { $0.utf8.elementsEqual(title.utf8) && index >= kept.count }
      let isKept = kept.contains { $0.utf8.elementsEqual(title.utf8) }
      throw .input(
        isKept && own
          ? "--keep: found \(Display.quoted(title)), which is what a column of the predictions is called, expected another name: rename the column in the input"
          : "--both: found two columns called \(Display.quoted(title)), expected different names: take --probabilities")
    }
  }
}

extension Vector {
  /// Number `index` of `count` probabilities. Of two classes the network may give that of the second alone, from which
  /// that of the first follows.
  func probability(_ index: Int, of count: Int) -> Float {
    if self.count == count { return self[index] }
    return index == 0 ? 1 - self[0] : self[0]
  }
}
