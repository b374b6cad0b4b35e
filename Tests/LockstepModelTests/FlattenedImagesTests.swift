import LockstepDeclarations
import Testing

@testable import LockstepModel

/// Which rows have another order where channels are first.
@Suite struct FlattenedImagesTests {
  private static let image = Shape.image(height: 4, width: 3, channels: 2)

  /// What layers read and give, as `path: channels of the one, of the other`.
  private func rows(_ paths: [String], _ images: FlattenedImages) -> [String] {
    paths.map { "\($0): \(images[$0].input), \(images[$0].output)" }
  }

  /// From `flatten` through what acts number by number, to the dense layer that ends it.
  @Test func fromFlattenToTheNextDenseLayer() throws {
    let images = try FlattenedImages(
      of: Model(input: Self.image) {
        Conv2D(5, kernel: 1)
        BatchNorm()
        Flatten()
        BatchNorm()
        Dropout(rate: 0.5)
        ReLU()
        Flatten()
        PReLU()
        Dense(10)
        BatchNorm()
        Dense(2)
      })
    #expect(
      rows(["conv2d0", "batch_norm0", "batch_norm1", "prelu0", "dense0", "batch_norm2", "dense1"], images) == [
        "conv2d0: 1, 1", "batch_norm0: 1, 1", "batch_norm1: 5, 5", "prelu0: 5, 5", "dense0: 5, 1",
        "batch_norm2: 1, 1", "dense1: 1, 1",
      ])
    #expect(images["batch_norm0"].areImages && !images["batch_norm1"].areImages)
    #expect(images.output == 1 && images.conflict == nil)
  }

  /// What is added to a flattened image has its order, back to the dense layer that made it.
  @Test func sums() throws {
    let images = try FlattenedImages(
      of: Model(input: Self.image) {
        Flatten()
        Residual {
          Dense(7)
          ReLU()
          Dense(24)
          BatchNorm()
        }
      })
    #expect(
      rows(["residual0.dense0", "residual0.dense1", "residual0.batch_norm0"], images) == [
        "residual0.dense0: 2, 1", "residual0.dense1: 1, 2", "residual0.batch_norm0: 2, 2",
      ])
    #expect(images.output == 2 && images.conflict == nil)
  }

  /// One channel, or one position: both orders are the same.
  @Test(arguments: [Shape.image(height: 4, width: 3, channels: 1), .image(height: 1, width: 1, channels: 6)])
  func imagesOfOneOrder(_ image: Shape) throws {
    let images = try FlattenedImages(of: Model(input: image, layers: [.flatten, .dense(Dense(2))]))
    #expect(images["dense0"].input == 1)
  }

  @Test func imagesThatTheModelGives() throws {
    let images = try FlattenedImages(of: Model(input: Self.image, layers: [Conv2D(5, kernel: 1).layer]))
    #expect(images.output == 5 && images["conv2d0"] == images["conv2d0"] && images["conv2d0"].areImages)
  }

  /// 24 numbers of 6 channels, and of 2: no order of a convolution's filters makes them alike.
  @Test func conflicts() throws {
    let flattened = Residual {
      Conv2D(6, kernel: Extent(3, 2))
      Flatten()
    } projection: {
      Flatten()
    }
    let images = try FlattenedImages(of: Model(input: Self.image, layers: [flattened.layer, .dense(Dense(2))]))
    #expect(images.conflict?.layer == "residual0.projection.flatten0")
    let pooled = Residual {
      Conv2D(24, kernel: 1)
      GlobalAveragePool()
    } projection: {
      Flatten()
    }
    #expect(try FlattenedImages(of: Model(input: Self.image, layers: [pooled.layer])).conflict != nil)
  }
}
