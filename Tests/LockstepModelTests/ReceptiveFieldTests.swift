import LockstepDeclarations
import LockstepModel
import Testing

/// Receptive fields that are published: Araujo, Norris, Sim 2019, https://distill.pub/2019/computing-receptive-fields,
/// table 1.
@Suite struct ReceptiveFieldTests {
  private func field(_ input: Shape, _ layers: [any LayerConvertible]) throws -> LastImage {
    try #require(Model(input: input, layers: layers.map(\.layer)).lastImage)
  }

  private func same(_ kernel: Extent, _ stride: Extent = 1) -> Conv2D {
    Conv2D(2, kernel: kernel, stride: stride, padding: .same)
  }

  @Test func vgg16() throws {
    let blocks = [2, 2, 3, 3, 3].flatMap { (count) -> [any LayerConvertible] in
      (0..<count).flatMap { _ in [same(3), ReLU()] as [any LayerConvertible] } + [MaxPool(2)]
    }
    let last = try field(.image(height: 224, width: 224, channels: 3), blocks + [Flatten(), Dense(2)])
    #expect(last.field.extent == 212 && last.field.jump == 32 && last.input == 224)
    #expect(last.end?.path == "flatten0")
  }

  @Test func mobileNet() throws {
    let strides = [1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1]
    let layers = strides.flatMap { (stride) -> [any LayerConvertible] in
      [DepthwiseConv2D(kernel: 3, stride: Extent(stride, stride), padding: .same), BatchNorm(), ReLU(), same(1)]
    }
    let image = Shape.image(height: 224, width: 224, channels: 3)
    let last = try field(image, [same(3, 2)] + layers + [GlobalAveragePool(), Dense(2)])
    #expect(last.field.extent == 315 && last.field.jump == 32)
  }

  /// Residuals of three convolutions, the first of a block with a projection: the deepest path counts.
  @Test func resNet50() throws {
    func block(_ units: Int, _ stride: Extent) -> [any LayerConvertible] {
      (0..<units).map { unit -> any LayerConvertible in
        let stride = unit == 0 ? stride : 1
        return Layer.residual(
          [same(1, stride).layer, same(3).layer, same(1).layer],
          projection: unit == 0 ? [same(1, stride).layer] : [])
      }
    }
    let stem: [any LayerConvertible] = [same(7, 2), MaxPool(3, stride: 2, padding: .same)]
    let layers = stem + block(3, 1) + block(4, 2) + block(6, 2) + block(3, 2)
    let last = try field(.image(height: 224, width: 224, channels: 3), layers + [GlobalAveragePool(), Dense(2)])
    #expect(last.field.extent == 483 && last.field.jump == 32)
  }

  @Test func axesDilationsAndBranches() throws {
    let image = Shape.image(height: 40, width: 50, channels: 1)
    let dilated = Conv2D(2, kernel: Extent(3, 1), padding: .same, dilation: Extent(4, 1))
    #expect(try field(image, [dilated, same(Extent(1, 5)), Flatten(), Dense(1)]).field.extent == Extent(9, 5))
    // The projection may be the one that sees more.
    let residual = Layer.residual([same(1).layer], projection: [same(5).layer, same(3).layer])
    #expect(try field(image, [same(3), residual, Flatten(), Dense(1)]).field.extent == 9)
    #expect(try field(image, [Flatten(), Dense(1)]).field.extent == 1)
    #expect(Model(input: .features(3), layers: [.dense(Dense(1))]).lastImage == nil)
    #expect(Model(input: image, layers: [.dense(Dense(1))]).lastImage == nil)
    #expect(try field(image, [same(3), Flatten()]).end?.layer == Flatten().layer)
  }
}
