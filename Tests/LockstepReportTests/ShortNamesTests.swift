import Testing

@testable import LockstepReport

@Suite struct ShortNamesTests {
  @Test func whatHasRoomStays() {
    #expect(ShortNames.of(["relu", "elu"], most: 4) == ["relu", "elu"])
    #expect(ShortNames.of([], most: 4) == [])
  }

  @Test func aPathKeepsBothEnds() {
    #expect(ShortNames.of(["repeat0.13.residual0.dense0"], most: 18) == ["repeat0.13…dense0"])
  }

  /// Whatever the room, names that differ still do, and equal ones are equal.
  @Test(arguments: 3...40) func whatDiffersDiffers(most: Int) {
    let names = [
      "activation relu, optimizer.adam.learning_rate 0.001", "activation relu, optimizer.adam.learning_rate 0.01",
      "activation elu, optimizer.adam.learning_rate 0.001", "activation relu, optimizer.adam.learning_rate 0.001",
      "activation selu, optimizer.adam.learning_rate 0.1",
    ]
    let short = ShortNames.of(names, most: most)
    #expect(Set(short).count == 4 && short[0] == short[3], "\(short)")
    #expect(short.allSatisfy { $0.count <= max(most, 24) }, "\(short)")
  }
}
