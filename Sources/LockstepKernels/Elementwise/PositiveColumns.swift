extension Matrix {
  /// Sets `flags[offset + c]` to 1 for every column c that holds a number above 0, and leaves the others as they are.
  package func markPositiveColumns(in flags: Slots<UInt8>, at offset: Int) {
    precondition(offset >= 0 && offset + columns <= flags.count, "flags outside the range")
    let found = flags.base + offset
    for row in 0..<rows {
      let x = base + row * columns
      for column in 0..<columns { found[column] |= x[column] > 0 ? 1 : 0 }
    }
  }
}
