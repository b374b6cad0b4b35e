/// Which samples of a data set come to which side of a split.
public enum SplitRule: Sendable, Equatable {
  /// Any sample, at random.
  case random
  /// Every class on both sides with the share that it has in the whole, as near as whole samples allow; its samples at
  /// random. `classes[i]` is the class of sample i; classes may have any numbers.
  case stratified(classes: [Int32])
  /// Samples that belong together on one side, whole groups at random. `groups[i]` is the group of sample i; groups may
  /// have any numbers.
  case grouped(groups: [Int32])
  /// The last samples for validation, in their order, as a series in time needs it; the seed does not matter.
  case last

  /// What a fingerprint says of a split by this rule.
  func words(seed: UInt64) -> String {
    func hash(_ numbers: [Int32]) -> String {
      String(FNV1a.hash(numbers.lazy.map(UInt32.init(bitPattern:))), radix: 16)
    }
    return switch self {
    case .random: "split_seed: \(seed)"
    case .stratified(let classes): "stratified: \(hash(classes)) split_seed: \(seed)"
    case .grouped(let groups): "grouped: \(hash(groups)) split_seed: \(seed)"
    case .last: "order: last"
    }
  }
}
