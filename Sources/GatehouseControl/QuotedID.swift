/// An id of a decision or grant as somebody has read it aloud, or copied it from a screen.
///
/// Ids have small letters without l and o, and digits without 0 and 1.
///
/// - Parameter text: What was typed.
/// - Returns: The id in small letters, without white space and hyphens; l and 1 are i.
public func quotedID(_ text: String) -> String {
  String(
    text.lowercased().compactMap { character in
      switch character {
      case "l", "1": "i"
      case "-": nil
      case _ where character.isWhitespace: nil
      default: character
      }
    })
}
