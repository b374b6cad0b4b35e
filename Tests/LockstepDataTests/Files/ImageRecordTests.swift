import TestSupport
import Testing

@testable import LockstepData
@testable import LockstepFormats

/// What a checkpoint holds of images.
@Suite("Records of images") struct ImageRecordTests {
  /// Once a channel, whatever the size, and read back bit for bit.
  @Test func readsBackBitForBit() throws {
    var generator = SeededGenerator(seed: 3)
    func size(_ most: UInt64) -> Int { Int(1 + generator.next() % most) }
    for round in 0..<200 {
      let image = ImageLayout(
        height: size(40), width: size(40), channels: size(5), order: round % 2 == 0 ? .channelsLast : .channelsFirst)
      let channels = (0..<image.channels).map { _ in
        Preprocessing.Column(
          encoding: .number(
            mean: Double(Int64(bitPattern: generator.next())) * 1e-7,
            deviation: Double(generator.next() >> 11) * 0x1p-60 + 1e-300))
      }
      let isStandardized = round % 3 != 0
      var preprocessing = Preprocessing(
        columns: (0..<image.shape.count).map { channels[$0 % channels.count] }, image: image,
        targets: .classes(["a", "b"]), isStandardized: isStandardized, hasMeans: true, samples: 9)
      let text = JSONValue.object(preprocessing.json).text
      let again = try #require(Preprocessing(text))
      #expect(again == preprocessing && again.shape == image.shape)
      #expect(JSONValue.object(again.json).text == text)
      #expect(text.utf8.count < 700 && text.contains("channels_first") == (image.order == .channelsFirst))
      // Columns of a table keep their names, one by one.
      for index in preprocessing.columns.indices { preprocessing.columns[index].name = "p\(index)" }
      #expect(Preprocessing(JSONValue.object(preprocessing.json).text) == preprocessing)
    }
    var plain = Preprocessing(identity: 3072, .classification(classes: 10), samples: 5)
    #expect(!JSONValue.object(plain.json).text.contains("image"))
    plain.image = ImageLayout(height: 32, width: 32, channels: 3)
    #expect(Preprocessing(JSONValue.object(plain.json).text) == plain)
    #expect(JSONValue.object(plain.json).text.utf8.count < 300)
  }

  @Test(arguments: [
    (#""image":{"height":2,"width":3,"channels":1},"columns":6"#, true),
    (#""image":{"height":2,"width":3,"channels":1,"order":"channels_first"},"columns":6"#, true),
    (#""image":{"height":2,"width":3,"channels":1,"order":"first"},"columns":6"#, false),
    (#""image":{"height":2,"width":3,"channels":1,"order":1},"columns":6"#, false),
    (#""image":{"height":2,"width":3,"channels":1},"columns":7"#, false),
    (#""image":{"height":2,"width":3,"channels":0},"columns":6"#, false),
    (#""image":{"height":-2,"width":-3,"channels":1},"columns":6"#, false),
    (#""image":{"height":4294967296,"width":4294967296,"channels":1},"columns":1"#, false),
    (
      #""image":{"height":1048576,"width":1048576,"channels":1},"columns":{"channels":[{"mean":0,"deviation":1}]}"#,
      false
    ),
    (#""image":{"height":2,"width":3},"columns":6"#, false), (#""image":3,"columns":6"#, false),
    (#""image":null,"columns":6"#, false),
    (#""columns":{"channels":[{"mean":0,"deviation":1}]}"#, false),
    (#""image":{"height":2,"width":3,"channels":1},"columns":{"channels":[{"mean":0,"deviation":2}]}"#, true),
    (#""image":{"height":2,"width":3,"channels":1},"columns":{"channels":[]}"#, false),
    (#""image":{"height":2,"width":3,"channels":2},"columns":{"channels":[{"mean":0,"deviation":2}]}"#, false),
    (#""image":{"height":1,"width":1,"channels":1},"columns":{"channels":[{"categories":["a"]}]}"#, false),
    (
      #""image":{"height":1,"width":2,"channels":1},"columns":[{"mean":0,"deviation":2},{"mean":0,"deviation":2}]"#,
      true
    ),
    (#""image":{"height":1,"width":2,"channels":1},"columns":[{"mean":0,"deviation":2}]"#, false),
  ])
  func recordsAreNotTrusted(fields: String, isOne: Bool) {
    let text = #"{"samples":1,"standardize":true,"missing":"error",\#(fields),"targets":1}"#
    #expect((Preprocessing(text) != nil) == isOne)
  }
}
