/// Names that Unicode takes for the same, or that look the same, and that are written with other bytes: Ω and the ohm
/// sign, Å thrice, K and the sign of the kelvin, é and Korean composed and decomposed, marks in another order.
public let lookAlikes: [(String, String)] = [
  ("\u{03A9}", "\u{2126}"), ("\u{C5}", "\u{212B}"), ("\u{C5}", "A\u{30A}"), ("\u{212B}", "A\u{30A}"), ("K", "\u{212A}"),
  ("caf\u{E9}", "cafe\u{301}"), ("\u{AC00}", "\u{1100}\u{1161}"),
  ("\u{D55C}\u{AE00}", "\u{1112}\u{1161}\u{11AB}\u{1100}\u{1173}\u{11AF}"),
  ("a\u{323}\u{307}", "a\u{307}\u{323}"), ("\u{1E69}", "s\u{323}\u{307}"),
]
