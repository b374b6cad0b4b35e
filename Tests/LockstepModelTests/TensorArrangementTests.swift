import TestSupport
import Testing

@testable import LockstepModel

@Suite struct TensorArrangementTests {
  /// Axes turned and split, against loops over all of them.
  @Test(arguments: testSeeds)
  func turnedAxes(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<50 {
      let sizes = (0..<Int.random(in: 1...4, using: &generator)).map { _ in Int.random(in: 1...4, using: &generator) }
      let order = Array(sizes.indices).shuffled(using: &generator)
      func step(_ axis: Int) -> Int { sizes[(axis + 1)...].reduce(1, *) }
      let arrangement = TensorArrangement(order.map { sizes[$0] }, order.map { .init(sizes[$0], step: step($0)) })
      // The places of Lockstep in the order of the file.
      var places = [0]
      for axis in order { places = places.flatMap { first in (0..<sizes[axis]).map { first + $0 * step(axis) } } }
      #expect(places.indices.map { arrangement.index($0) } == places, "\(sizes) in the order \(order)")
      let values = generator.normal(places.count)
      #expect(arrangement.arranged(values) == places.map { values[$0] })
    }
    #expect(TensorArrangement([2, 1, 3]).arranged([0, 1, 2, 3, 4, 5]) == [0, 1, 2, 3, 4, 5])
  }
}
