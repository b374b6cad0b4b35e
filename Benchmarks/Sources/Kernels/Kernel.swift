import LockstepFormats

/// One call of a kernel on given shapes, and what it is held against.
struct Kernel {
  enum Work {
    /// Bound by arithmetic: floating-point operations of a call.
    case operations(Double)
    /// Bound by memory.
    case memory(Traffic)
    /// Bound by neither.
    case latency
  }

  /// Bytes that a call must move, every operand once.
  struct Traffic {
    var read: Int
    var written: Int
    /// Whether results replace operands.
    var isInPlace = false

    var moved: Int { read + written }
    /// Bytes of memory that it needs.
    var touched: Int { isInPlace ? read : moved }
    var access: MemoryLevel.Access { written == 0 ? .reading : isInPlace ? .inPlace : .elsewhere }

    /// So many operands of `count` elements each.
    static func elements(_ count: Int, reads: Int, writes: Int, inPlace: Bool = false) -> Traffic {
      let bytes = count * MemoryLayout<Float>.stride
      return Traffic(read: reads * bytes, written: writes * bytes, isInPlace: inPlace)
    }
  }

  var name: String
  var shape: String
  var work: Work
  /// The memory that `call` works on.
  var operands: Operands
  /// How often `call` calls it.
  var calls = 1
  var call: () -> Void

  func measure(against limits: MachineLimits) -> KernelResult {
    let seconds = withExtendedLifetime(operands) { Stopwatch.best(call) } / Double(calls)
    var result = KernelResult(name: name, shape: shape, seconds: seconds)
    switch work {
    case .operations(let count):
      result.rate = (count / seconds, limits.arithmetic, "GF/s")
    case .memory(let traffic):
      let level = limits.memory(holding: traffic.touched)
      result.rate = (Double(traffic.moved) / seconds, level?.rate(traffic.access) ?? .nan, "GB/s")
      result.level = level?.name
    case .latency: break
    }
    return result
  }
}

/// Kernels that are shown together. They are made when it is their turn, so that their memory is taken one group at a
/// time.
struct KernelGroup: Sendable {
  var title: String
  var kernels: @Sendable () throws -> [Kernel]
}

struct KernelResult {
  var name: String
  var shape: String
  /// Of one call.
  var seconds: Double
  /// What was reached and what the machine can do, a second.
  var rate: (reached: Double, limit: Double, unit: String)?
  /// The level of the memory whose limit it is.
  var level: String?

  static let header = ["kernel", "shape", "time", "reached", "limit", "share", "of"]

  var row: [String] {
    guard let rate else { return [name, shape, Figure.time(seconds), "", "", "", ""] }
    return [
      name, shape, Figure.time(seconds), "\(Figure.short(rate.reached * 1e-9)) \(rate.unit)",
      Figure.short(rate.limit * 1e-9), Figure.percent(rate.reached / rate.limit), level ?? "arithmetic",
    ]
  }

  var json: JSONValue {
    var object: JSONObject = ["name": .string(name), "shape": .string(shape), "seconds": .number(seconds)]
    if let rate {
      object["reached"] = .number(rate.reached * 1e-9)
      object["limit"] = .number(rate.limit * 1e-9)
      object["unit"] = .string(rate.unit)
      object["share"] = .number(rate.reached / rate.limit)
      object["of"] = .string(level ?? "arithmetic")
    }
    return .object(object)
  }
}
