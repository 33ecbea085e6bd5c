import GatehousePolicy

/// A word of a line's second field.
enum UserWord: Equatable {
  case everyone
  /// A user, whatever the case of the letters.
  case user(Name)
  /// The members of a group.
  case group(Name)
  /// A user of this name or, by the same word, the members of a group of this name.
  case userOrGroup(Name)
  /// No user.
  case nobody
  /// Something that the importer cannot know.
  case unknown(Omission)

  /// Reads a word as pam_access's `user_match` does, with its option `nodefgroup` or without.
  init(_ word: ArraySlice<UInt8>, groupsInParenthesesOnly: Bool) {
    let name = word.drop { $0 == at }
    if word.first == UInt8(ascii: "("), word.last == UInt8(ascii: ")") {
      guard word.count >= 3 else {
        self = .nobody
        return
      }
      self = Self.named(word.dropFirst().dropLast(), UserWord.group)
    } else if let separator = name.firstIndex(of: at) {
      // `user@host` asks for the machine's own name, which ALL alone matches anywhere.
      if word[(separator + 1)...].equalsIgnoringCase("ALL") {
        self.init(word[..<separator], groupsInParenthesesOnly: groupsInParenthesesOnly)
      } else {
        self = .unknown(.ownHost)
      }
    } else if name.startIndex != word.startIndex {
      self = .unknown(.userNetgroup)
    } else if word.equalsIgnoringCase("ALL") {
      self = .everyone
    } else {
      self = Self.named(word, groupsInParenthesesOnly ? UserWord.user : UserWord.userOrGroup)
    }
  }

  /// A policy is UTF-8 text; a name that is not cannot stand in it.
  private static func named(_ bytes: ArraySlice<UInt8>, _ word: (Name) -> UserWord) -> UserWord {
    String(validating: bytes, as: UTF8.self) == nil
      ? .unknown(.notText) : word(Name(bytes: bytes))
  }
}

private let at = UInt8(ascii: "@")
