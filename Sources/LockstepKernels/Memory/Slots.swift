/// A fixed number of plain values, one a shard or a worker or a block: written by their owners in a phase, read by all
/// after the barrier. Unlike an array it can be written from several threads, each to its own slots, without a copy or
/// a lock.
///
/// `@unchecked Sendable`: every slot is written by one worker between two barriers, and read by others only after the
/// next.
@safe
package final class Slots<Element: BitwiseCopyable>: @unchecked Sendable {
  package let count: Int
  @usableFromInline
  let base: UnsafeMutablePointer<Element>

  package init(repeating value: Element, count: Int) {
    precondition(count >= 0)
    self.count = count
    base = .allocate(capacity: max(count, 1))
    base.initialize(repeating: value, count: count)
  }

  deinit { base.deallocate() }

  @inlinable
  package subscript(index: Int) -> Element {
    get {
      precondition(index >= 0 && index < count, "slot outside the range")
      return base[index]
    }
    set {
      precondition(index >= 0 && index < count, "slot outside the range")
      base[index] = newValue
    }
  }

  /// The slots `range`, to be read.
  package func withSpan<Result, Failure: Error>(
    _ range: Range<Int>, _ body: (Span<Element>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "slots outside the range")
    return try body(UnsafeBufferPointer(start: base + range.lowerBound, count: range.count).span)
  }
}
