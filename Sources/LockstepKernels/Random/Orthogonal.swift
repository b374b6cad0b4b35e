/// A random matrix with orthonormal columns (or rows, where there are fewer), by modified Gram–Schmidt twice over on
/// normal numbers.
package enum Orthogonal {
  /// Elements of a vector that are computed side by side: a sum has eight partial sums, added in their order at the
  /// end.
  private typealias Lanes = SIMD8<Double>

  package static func fill(_ out: Vector, rows: Int, columns: Int, gain: Float, stream: RandomStream) {
    stream.normal(into: out)
    // The shorter side is made orthonormal: `count` vectors of `length` elements, each padded with zeros.
    let (count, length) = (min(rows, columns), max(rows, columns))
    func place(_ vector: Int, _ element: Int) -> Int {
      rows >= columns ? element * columns + vector : vector * columns + element
    }
    var vectors = [[Lanes]](
      repeating: [Lanes](repeating: .zero, count: (length + Lanes.scalarCount - 1) / Lanes.scalarCount), count: count)
    for vector in 0..<count {
      for element in 0..<length {
        vectors[vector][element / Lanes.scalarCount][element % Lanes.scalarCount] = Double(out[place(vector, element)])
      }
    }
    for current in 0..<count {
      var vector = vectors[current]
      // Once more, because one pass loses digits where vectors are nearly parallel (Giraud, Langou, Rozložník 2005).
      for _ in 0..<2 {
        for earlier in 0..<current { remove(vectors[earlier], from: &vector) }
      }
      let norm = dot(vector, vector).squareRoot()
      for index in vector.indices { vector[index] /= norm }
      vectors[current] = vector
    }
    for vector in 0..<count {
      for element in 0..<length {
        out[place(vector, element)] =
          gain * Float(vectors[vector][element / Lanes.scalarCount][element % Lanes.scalarCount])
      }
    }
  }

  /// vector −= (unit · vector) unit
  private static func remove(_ unit: [Lanes], from vector: inout [Lanes]) {
    let projection = dot(unit, vector)
    for index in vector.indices { vector[index] -= projection * unit[index] }
  }

  private static func dot(_ a: [Lanes], _ b: [Lanes]) -> Double {
    var sums = Lanes.zero
    for index in a.indices { sums += a[index] * b[index] }
    return sums.indices.reduce(0) { $0 + sums[$1] }
  }
}
