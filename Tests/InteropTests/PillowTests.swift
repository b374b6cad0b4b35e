import Foundation
import TestSupport
import Testing

@testable import LockstepFormats

/// Pictures that Pillow has written, as Pillow decodes and resizes them.
@Suite("Pictures of Pillow", .enabled(if: python, PrivatePython.excuse))
struct PillowTests {
  /// Every mode that Pillow writes as PNG, and JPEGs of every subsampling, quality and kind: the same pixels.
  @Test func pixelsAreThoseOfPillow() throws {
    let script = """
      import numpy as np
      from PIL import Image
      r = np.random.default_rng(3)
      names = []
      def keep(name, image, **options):
          image.save(name, **options)
          with Image.open(name) as again:
              if again.mode in ("I", "I;16"): pixels = (np.asarray(again).astype(np.uint32) >> 8).astype(np.uint8)
              else: pixels = np.asarray(again.convert("L" if again.mode in ("L", "LA", "1") else "RGB"))
          pixels.tofile(name + ".pixels")
          names.append(f"{name} {pixels.shape[0]} {pixels.shape[1]} {1 if pixels.ndim == 2 else 3}")
      for h, w in [(1, 1), (3, 8), (17, 5), (40, 61), (128, 100)]:
          y, x = np.mgrid[0:h, 0:w]
          smooth = np.stack([255 * y / max(1, h - 1), 255 * x / max(1, w - 1), 128 + 127 * np.sin((x + y) / 7)], -1)
          picture = Image.fromarray((0.8 * smooth + 0.2 * r.integers(0, 256, (h, w, 3))).astype(np.uint8))
          alpha = picture.copy(); alpha.putalpha(Image.fromarray(r.integers(0, 256, (h, w)).astype(np.uint8)))
          for mode in ["1", "L", "LA", "P", "RGB", "RGBA"]:
              keep(f"{mode}-{h}.png", (alpha if mode in ("LA", "RGBA") else picture).convert(mode), optimize=mode == "P")
          keep(f"few-{h}.png", picture.quantize(4), bits=2)
          keep(f"clear-{h}.png", picture.quantize(16), transparency=3)
          keep(f"deep-{h}.png", Image.fromarray(r.integers(0, 65536, (h, w)).astype(np.uint16)))
          for quality in [5, 75, 100]:
              for sampling in ["4:4:4", "4:2:2", "4:2:0"]:
                  keep(f"{quality}-{sampling[::2]}-{h}.jpg", picture, quality=quality, subsampling=sampling)
              keep(f"{quality}-progressive-{h}.jpg", picture, quality=quality, progressive=True, optimize=True)
              keep(f"{quality}-grey-{h}.jpg", picture.convert("L"), quality=quality)
          keep(f"restarts-{h}.jpg", picture, restart_marker_blocks=2)
      print("\\n".join(names))
      """
    try withTemporaryFolder { folder in
      let outcome = try PrivatePython.run(["-W", "ignore", "-c", script], in: folder)
      #expect(outcome.status == 0, "\(outcome.output)")
      var reader = PictureReader()
      for line in outcome.output.split(separator: "\n") {
        let words = line.split(separator: " ").map(String.init)
        try reader.read("\(folder)/\(words[0])")
        let picture = reader.picture
        #expect([picture.height, picture.width, picture.channels] == words[1...].compactMap { Int($0) }, "\(line)")
        #expect(picture.bytes == (try bytes(of: "\(folder)/\(words[0]).pixels")), "\(line)")
      }
      #expect(outcome.output.split(separator: "\n").count == 5 * (6 + 3 + 3 * 5 + 1))
    }
  }

  /// Bilinear resizing to the bit, of grey and of colours, and the conversions between the two.
  @Test func sizesAreThoseOfPillow() throws {
    let script = """
      import numpy as np
      from PIL import Image
      r = np.random.default_rng(5)
      def plan(h, w, H, W):
          return (H, H * w // h) if H * w >= W * h else (W * h // w, W)
      for number, (h, w, H, W) in enumerate([(64, 64, 32, 32), (375, 500, 224, 224), (500, 333, 224, 224), (28, 28, 32, 32),
          (97, 41, 13, 29), (1, 1, 4, 4), (3, 200, 16, 16), (31, 31, 31, 40), (640, 480, 7, 7), (12, 13, 12, 13)]):
          picture = Image.fromarray(r.integers(0, 256, (h, w, 3)).astype(np.uint8))
          picture.save(f"{number}.png")
          for mode in ["L", "RGB"]:
              own = picture.convert(mode)
              np.asarray(own.resize((W, H), Image.BILINEAR)).tofile(f"{number}-{mode}-scale")
              sh, sw = plan(h, w, H, W)
              top, left = int(round((sh - H) / 2)), int(round((sw - W) / 2))
              crop = own.resize((sw, sh), Image.BILINEAR).crop((left, top, left + W, top + H))
              np.asarray(crop).tofile(f"{number}-{mode}-crop")
          print(H, W)
      """
    try withTemporaryFolder { folder in
      let outcome = try PrivatePython.run(["-c", script], in: folder)
      #expect(outcome.status == 0, "\(outcome.output)")
      for (number, line) in outcome.output.split(separator: "\n").enumerated() {
        let size = line.split(separator: " ").compactMap { Int($0) }
        for (mode, channels) in [("L", 1), ("RGB", 3)] {
          for fit in PictureFit.allCases {
            var reader = PictureReader(
              channels: channels, resizer: PictureResizer(height: size[0], width: size[1], fit: fit))
            try reader.read("\(folder)/\(number).png")
            #expect(
              reader.picture.bytes == (try bytes(of: "\(folder)/\(number)-\(mode)-\(fit.rawValue)")),
              "\(number) to \(size), \(mode), \(fit)")
          }
        }
      }
    }
  }
}

private let python = PrivatePython.has("numpy", "PIL")
