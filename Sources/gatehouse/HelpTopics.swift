import ArgumentParser

/// What `gatehouse help` explains, for the scripts of completion.
///
/// The parser has `help` itself, and offers nothing behind it.
enum HelpTopics {
  private static let names = Gatehouse.configuration.subcommands.map { $0._commandName }

  /// A script as the parser makes it, for whichever shell, with the topics.
  static func added(to script: String) -> String {
    guard let help = script.firstRange(of: "\n_gatehouse_help() {\n") else {
      return script + inFish
    }
    let body = script[help.upperBound...]
      .replacing("'*:subcommands:'", with: "'1:subcommand:(\(names.joined(separator: " ")))'")
      .replacing("offer_flags_options -1\n", with: "offer_flags_options -1\n" + inBash)
    return String(script[..<help.upperBound] + body)
  }

  private static var inBash: String {
    "    if [[ ${positional_number} -eq 1 ]]; then\n"
      + "        __gatehouse_add_completions -W '\(names.joined(separator: "'$'\\n''"))'\n"
      + "    fi\n"
  }

  private static var inFish: String {
    "\ncomplete -c 'gatehouse' -n '__gatehouse_should_offer_completions_for_positional"
      + " \"gatehouse help\" -eq 1' -fka '\(names.joined(separator: " "))'\n"
  }
}
