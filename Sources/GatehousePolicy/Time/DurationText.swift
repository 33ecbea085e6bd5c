/// Reads a length of time such as `90m`, `24h` or `7d`: a whole number and one of s, m, h, d.
///
/// - Parameter text: The text.
/// - Returns: Seconds, at most 366 days; nil for anything else.
public func seconds(of text: String) -> Int? {
  guard let unit = text.utf8.last, let number = decimalNumber(text.utf8.dropLast()) else {
    return nil
  }
  let scale: Int
  switch unit {
  case UInt8(ascii: "s"): scale = 1
  case UInt8(ascii: "m"): scale = 60
  case UInt8(ascii: "h"): scale = 3600
  case UInt8(ascii: "d"): scale = 86_400
  default: return nil
  }
  let seconds = number * scale
  return seconds <= 366 * 86_400 ? seconds : nil
}

/// A length of time as `seconds(of:)` reads it, in the largest unit that gives a whole number.
public func durationText(_ seconds: Int) -> String {
  for (unit, scale) in [("d", 86_400), ("h", 3600), ("m", 60)]
  where seconds >= scale && seconds.isMultiple(of: scale) {
    return "\(seconds / scale)\(unit)"
  }
  return "\(seconds)s"
}

/// A whole number as it is written in decimal, of at most eight digits and without leading zeros.
func wholeNumber(_ text: String) -> Int? {
  text == "0" || text.utf8.first != UInt8(ascii: "0") ? decimalNumber(text.utf8) : nil
}

/// One to eight decimal digits.
private func decimalNumber(_ digits: some Collection<UInt8>) -> Int? {
  guard (1...8).contains(digits.count) else { return nil }
  var value = 0
  for byte in digits {
    guard let digit = byte.decimalDigit else { return nil }
    value = value * 10 + digit
  }
  return value
}
