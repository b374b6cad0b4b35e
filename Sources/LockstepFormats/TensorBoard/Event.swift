import LockstepKernels
import SwiftProtobuf

/// The records of one of TensorBoard's event files. Each holds one value of one step, under a tag such as `epoch_loss`.
package enum Event {
  /// The version of the format, with which every file begins.
  package static func version() throws(FileError) -> [UInt8] { try record(.fileVersion("brain.Event:2"), at: 0) }

  /// What a file begins with: the version of its format, and that readers shall forget what they have of steps after
  /// `step`.
  package static func beginning(after step: Int) throws(FileError) -> [UInt8] {
    var session = Tensorboard_SessionLog()
    session.status = .start
    return try version() + record(.sessionLog(session), at: step + 1)
  }

  /// One number.
  package static func scalar(_ tag: String, _ value: Float, at step: Int) throws(FileError) -> [UInt8] {
    try record(tag, .simpleValue(value), at: step)
  }

  /// A histogram: how many numbers fall between which limits.
  package static func histogram(
    _ tag: String, _ histogram: ValueHistogram, at step: Int
  ) throws(FileError) -> [UInt8] {
    var proto = Tensorboard_HistogramProto()
    (proto.min, proto.max, proto.num) = (histogram.minimum, histogram.maximum, Double(histogram.count))
    (proto.sum, proto.sumSquares) = (histogram.sum, histogram.sumOfSquares)
    proto.bucketLimit = histogram.buckets.map(\.limit)
    proto.bucket = histogram.buckets.map { Double($0.count) }
    return try record(tag, .histo(proto), at: step)
  }

  /// The step of the event in a record, and whether it holds a value; nil where the record holds no event.
  package static func place(of data: [UInt8]) -> (holdsValue: Bool, step: Int)? {
    guard let event = try? Tensorboard_Event(serializedBytes: data) else { return nil }
    return (!event.summary.value.isEmpty, Int(event.step))
  }

  private static func record(
    _ tag: String, _ value: Tensorboard_Summary.Value.OneOf_Value, at step: Int
  ) throws(FileError) -> [UInt8] {
    var entry = Tensorboard_Summary.Value()
    (entry.tag, entry.value) = (tag, value)
    return try record(entry, at: step)
  }

  static func record(_ value: Tensorboard_Summary.Value, at step: Int) throws(FileError) -> [UInt8] {
    var summary = Tensorboard_Summary()
    summary.value = [value]
    return try record(.summary(summary), at: step)
  }

  private static func record(_ what: Tensorboard_Event.OneOf_What, at step: Int) throws(FileError) -> [UInt8] {
    var event = Tensorboard_Event()
    (event.wallTime, event.step, event.what) = (WallClock.seconds(), Int64(step), what)
    do { return EventRecord.framed(try event.serializedBytes()) } catch {
      throw FileError("encode an event for", "tensorboard", problem: "\(error)")
    }
  }
}
