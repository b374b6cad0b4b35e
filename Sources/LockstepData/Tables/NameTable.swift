import LockstepKernels

/// Names by number and numbers by name, in the order in which they are added. Found by their bytes, without making
/// strings.
struct NameTable {
  /// More of them are no categories: the column holds identifiers, or numbers.
  static let most = 65_536

  private let most: Int
  private(set) var names: [[UInt8]] = []
  private var slots: [Int32] = Array(repeating: -1, count: 64)

  init(most: Int = Self.most) { self.most = most }

  /// The number of `name`, which is added where it is new; nil where it would be one too many.
  mutating func number(of name: ArraySlice<UInt8>) -> Int? {
    let slot = slot(of: name)
    if slots[slot] >= 0 { return Int(slots[slot]) }
    guard names.count < most else { return nil }
    add(Array(name))
    return names.count - 1
  }

  private mutating func add(_ name: [UInt8]) {
    if 2 * (names.count + 1) > slots.count {
      slots = Array(repeating: -1, count: 2 * slots.count)
      for (number, name) in names.enumerated() { slots[slot(of: name[...])] = Int32(number) }
    }
    slots[slot(of: name[...])] = Int32(names.count)
    names.append(name)
  }

  /// Where `name` is, or would be.
  private func slot(of name: ArraySlice<UInt8>) -> Int {
    // 64-bit FNV-1a — Fowler, Noll, Vo 1991
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    var slot = Int(truncatingIfNeeded: hash ^ hash >> 32) & (slots.count - 1)
    while slots[slot] >= 0, names[Int(slots[slot])][...] != name { slot = (slot + 1) & (slots.count - 1) }
    return slot
  }
}
