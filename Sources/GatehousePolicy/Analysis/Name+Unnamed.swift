extension Name {
  /// A name that is none of these: whoever has it is anybody whom no rule names.
  public static func unnamed(among names: Set<Name>) -> Name {
    var name = Name(bytes: [0])
    while names.contains(name) { name = Name(bytes: name.bytes + [0]) }
    return name
  }
}
