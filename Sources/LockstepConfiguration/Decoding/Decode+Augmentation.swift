import LockstepDeclarations
import LockstepTraining

extension Decode {
  static func augmentation(_ field: Field) -> Augmentation? {
    field.mapping { fields in
      Augmentation(
        flip: fields.optional(Augmentation.flip), crop: fields.settings("crop", of: Augmentation.Crop.self),
        cutout: fields.settings("cutout", of: Augmentation.Cutout.self),
        brightness: fields.optional(Augmentation.brightness, default: 0),
        contrast: fields.optional(Augmentation.contrast, default: 0))
    }
  }
}

extension Encode {
  static func augmentation(_ augmentation: Augmentation) -> ResolvedValue {
    var keys: Parameters = []
    if let flip = augmentation.flip { keys.append(("flip", .text(flip.rawValue))) }
    if let crop = augmentation.crop { keys.append(("crop", settings(of: crop))) }
    if let cutout = augmentation.cutout { keys.append(("cutout", settings(of: cutout))) }
    return .mapping(
      keys + [("brightness", .number(augmentation.brightness)), ("contrast", .number(augmentation.contrast))])
  }
}
