import LockstepKernels

/// Which samples of a data set one side of a split has, and in which order.
enum SampleSelection: Sendable {
  /// The positions of a random order inside `held` or, for training, outside it: a few words, however many samples.
  case ordered(KeyedPermutation, held: Range<Int>, side: DatasetView.Side)
  /// Neighbours, in the set's order.
  case run(Range<Int>)
  /// Any, one after the other, in 4 bytes each.
  case listed([UInt32])
  /// The selection of a set whose sample numbers take more than 32 bits.
  case longListed([Int])

  /// The samples for which `isHeld` says so or, for training, does not, in the set's order.
  init(_ isHeld: [Bool], side: DatasetView.Side) {
    let wanted = side == .validation
    func numbers<Number: FixedWidthInteger>(_: Number.Type) -> [Number] {
      var numbers: [Number] = []
      numbers.reserveCapacity(isHeld.count { $0 == wanted })
      for sample in isHeld.indices where isHeld[sample] == wanted { numbers.append(Number(sample)) }
      return numbers
    }
    self = isHeld.count <= 1 << 32 ? .listed(numbers(UInt32.self)) : .longListed(numbers(Int.self))
  }

  var count: Int {
    switch self {
    case .ordered(let order, let held, let side): side == .validation ? held.count : order.count - held.count
    case .run(let run): run.count
    case .listed(let numbers): numbers.count
    case .longListed(let numbers): numbers.count
    }
  }

  /// The sample of the whole set that is sample `index` of the side.
  subscript(index: Int) -> Int {
    switch self {
    case .ordered(let order, let held, .validation): order[held.lowerBound + index]
    case .ordered(let order, let held, .train): order[index < held.lowerBound ? index : index + held.count]
    case .run(let run): run.lowerBound + index
    case .listed(let numbers): Int(numbers[index])
    case .longListed(let numbers): numbers[index]
    }
  }
}
