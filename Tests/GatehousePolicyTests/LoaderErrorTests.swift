import Testing

@testable import GatehousePolicy

/// A policy with one mistake.
struct PolicyMistake {
  let text: String
  /// The one error: its line, column, message and remedy.
  let message: String
  /// What somebody makes of it who does what the remedy says.
  let mended: String

  init(_ text: String, _ message: String, mended: String) {
    self.text = text
    self.message = message
    self.mended = mended
  }
}

@Suite("Errors of a policy")
struct LoaderErrorTests {
  @Test("A policy with ten different mistakes gives ten messages, each with its place and remedy")
  func tenMistakes() {
    let text = """
      version: 1
      mode: enforced
      networks:
        office: [192.0.2.1/24]
        vpn: [offise, *.*.*.*]
        a: [b]
        b: [a]
      everyone:
        form: [office]
      users:
        bob: {only_from: []}
        al: {only_from: office}
        al: {also_from: [vpn]}
      message: "denied {adress}"
      tests:
        - {user: al, from: 192.0.2.1, expect: deny, roles: [staff]}
      """
    #expect(
      messages(load(text)) == [
        "policy.yaml:2:7: error: mode cannot be `enforced` (did you mean `enforce`?)",
        "policy.yaml:4:12: error: `192.0.2.1/24` has host bits set"
          + " (write 192.0.2.0/24 or 192.0.2.1)",
        "policy.yaml:5:9: error: there is no network `offise` (did you mean `office`?)",
        "policy.yaml:5:17: error: YAML does not read `*.*.*.*` as a text"
          + " (put it in quotes: \"*.*.*.*\")",
        "policy.yaml:7:7: error: the network `a` holds itself: a → b → a"
          + " (take one of these entries out)",
        "policy.yaml:9:3: error: everyone has no key `form` (did you mean `from`?)",
        "policy.yaml:11:20: error: users.bob.only_from is empty"
          + " (write [nowhere], or leave the key out)",
        "policy.yaml:12:19: error: users.al.only_from must be a list,"
          + " and this is the text `office` (write [office])",
        "policy.yaml:13:3: error: the key `al` is given twice"
          + " (it is also at line 12: keep one of the two)",
        "policy.yaml:14:10: error: message has no placeholder `{adress}`"
          + " (did you mean `{address}`?)",
        "policy.yaml:16:55: error: there is no role `staff` (define it under `roles`)",
      ])
  }

  @Test("A thousand lines with one misspelt key are told so in one line")
  func oneMistakeInMany() {
    let users = (0..<997).map { "  user\($0): {also_from: [10.0.0.\($0 % 256)]}" }
    var lines = ["version: 1", "users:"] + users
    lines[700] = "  bob: {also_form: [10.0.0.1]}"
    #expect(
      messages(load(lines.joined(separator: "\n") + "\n")) == [
        "policy.yaml:701:9: error: users.bob has no key `also_form` (did you mean `also_from`?)"
      ])
  }

  @Test(
    "Each mistake has its own message, whose remedy mends it",
    arguments: [
      PolicyMistake(
        "version: 1\nsilence: [no_breakglass]",
        "2:11: error: an entry of silence cannot be `no_breakglass` (did you mean `no_break_glass`?)",
        mended: "version: 1\nsilence: [no_break_glass]"),
      PolicyMistake(
        "version: 1\nsilence: []",
        "2:10: error: silence is empty (leave the key out)",
        mended: "version: 1"),
      PolicyMistake(
        "version: 1\nsilence: no_break_glass",
        "2:10: error: silence must be a list, and this is the text `no_break_glass`"
          + " (write [no_break_glass])",
        mended: "version: 1\nsilence: [no_break_glass]"),
      PolicyMistake(
        "version: 1\nsecond_factor: {users: {al: [192.0.2.1, local]}}",
        "2:29: error: second_factor.users.al must be always, never or a map, and this is a list"
          + " (write {not_from: [192.0.2.1, local]})",
        mended: "version: 1\nsecond_factor: {users: {al: {not_from: [192.0.2.1, local]}}}"),
      PolicyMistake(
        "version: 1\nsecond_factor: {not_from: [{address: local}]}",
        "2:38: error: `local` cannot be in a map or an `except`"
          + " (write it as an entry of its own: [local])",
        mended: "version: 1\nsecond_factor: {not_from: [local]}"),
      PolicyMistake(
        "version: 1\nsecond_factor: {users: {al: alwyas}}",
        "2:29: error: second_factor.users.al cannot be `alwyas` (did you mean `always`?)",
        mended: "version: 1\nsecond_factor: {users: {al: always}}"),
      PolicyMistake(
        "version: 1\nsecond_factor: {new_places: never}",
        "2:29: error: second_factor.new_places cannot be `never` (it is one of: always)",
        mended: "version: 1\nsecond_factor: {new_places: always}"),
      PolicyMistake(
        "version: 1\nsecond_factor: {roles: {staff: always}}",
        "2:25: error: there is no role `staff` (define it under `roles`)",
        mended:
          "version: 1\nroles: {staff: {members: {users: [al]}}}\n"
          + "second_factor: {roles: {staff: always}}"),
      PolicyMistake(
        "version: 1\nsecond_factor: {not_form: [192.0.2.1]}",
        "2:17: error: second_factor has no key `not_form` (did you mean `not_from`?)",
        mended: "version: 1\nsecond_factor: {not_from: [192.0.2.1]}"),
      PolicyMistake(
        "version: 1\nsecond_factor: {groups: {ops: {from: [192.0.2.1]}}}",
        "2:32: error: second_factor.groups.ops has no key `from` (the keys are: not_from)",
        mended: "version: 1\nsecond_factor: {groups: {ops: {not_from: [192.0.2.1]}}}"),
      PolicyMistake(
        "version: 1\nauthorize: {mail: root}",
        "2:1: error: authorize does not say who may authorise a place"
          + " (write users: [alice], or groups: [admins])",
        mended: "version: 1\nauthorize: {users: [alice], mail: root}"),
      PolicyMistake(
        "version: 1\nauthorize: {users: [al]}",
        "2:1: error: authorize does not say how a code travels"
          + " (write mail: \"{user}@example.org\", addresses: and the name of a file, or command:"
          + " and the path of a program)",
        mended: "version: 1\nauthorize: {users: [al], mail: \"{user}@example.org\"}"),
      PolicyMistake(
        "version: 1\nauthorize: {users: [al], mail: root, command: /usr/bin/send}",
        "2:38: error: authorize has both `mail` and `command`"
          + " (keep one of them: a code travels in one way)",
        mended: "version: 1\nauthorize: {users: [al], mail: root}"),
      PolicyMistake(
        "version: 1\nauthorize: {users: [al], mail: \"{name}@example.org\"}",
        "2:32: error: authorize.mail: `{name}@example.org` gives no mail address"
          + " (write one such as \"{user}@example.org\", where {user} is the user's name)",
        mended: "version: 1\nauthorize: {users: [al], mail: \"{user}@example.org\"}"),
      PolicyMistake(
        "version: 1\nauthorize: {users: [al], command: send}",
        "2:35: error: authorize.command: `send` is not the absolute path of a program"
          + " (write a path such as /usr/local/sbin/page, without arguments)",
        mended: "version: 1\nauthorize: {users: [al], command: /usr/local/sbin/send}"),
      PolicyMistake(
        "version: 1\nauthorize: {users: [al], mail: root, for: 25h}",
        "2:43: error: authorize.for is longer than grants.longest, 1d"
          + " (write at most 1d, or raise grants.longest)",
        mended: "version: 1\nauthorize: {users: [al], mail: root, for: 1d}"),
      PolicyMistake(
        "version: 1\nauthorize: {users: [al], mail: root, for: 59s}",
        "2:43: error: authorize.for is shorter than a minute (write at least 1m)",
        mended: "version: 1\nauthorize: {users: [al], mail: root, for: 1m}"),
      PolicyMistake(
        "version: 1\nauthorize: {users: [al], mail: root, per_day: 0}",
        "2:47: error: authorize.per_day cannot be `0`"
          + " (write a whole number without quotes, at least 1 and at most 50)",
        mended: "version: 1\nauthorize: {users: [al], mail: root, per_day: 1}"),
      PolicyMistake(
        "version: 1\nauthorize: {users: [al], mail: root, from: [local]}",
        "2:45: error: `local` cannot be in a list"
          + " (the key `local` says who may log in at the console)",
        mended: "version: 1\nauthorize: {users: [al], mail: root}"),
      PolicyMistake(
        "version: 1\nauthorize: {users: [al], mail: root, per_dy: 9}",
        "2:38: error: authorize has no key `per_dy` (did you mean `per_day`?)",
        mended: "version: 1\nauthorize: {users: [al], mail: root, per_day: 9}"),
      PolicyMistake(
        "version: 1\ntests: [{user: al, from: 192.0.2.1}]",
        "2:9: error: a test has no `expect`"
          + " (a test has at least user, from, and expect or factor)",
        mended: "version: 1\ntests: [{user: al, from: 192.0.2.1, factor: needed}]"),
      PolicyMistake(
        "version: 1\ntests: [{user: al, from: 192.0.2.1, factor: needed, reason: listed}]",
        "2:9: error: a test has no `expect` (reason belongs to it)",
        mended:
          "version: 1\neveryone: {from: [192.0.2.1]}\n"
          + "tests: [{user: al, from: 192.0.2.1, factor: needed, reason: listed, expect: allow}]"),
      PolicyMistake(
        "mode: off",
        "1:1: error: the file has no version (write `version: 1` first)",
        mended: "version: 1\nmode: off"),
      PolicyMistake(
        "version: 2\nfoo: 1",
        "1:10: error: policy version 2 is not supported (supported: 1)",
        mended: "version: 1"),
      PolicyMistake(
        "version: \"1\"",
        "1:10: error: version must be a number, and this is a text (write it without quotes)",
        mended: "version: 1"),
      PolicyMistake(
        "version:",
        "1:1: error: version is empty (write `version: 1`)",
        mended: "version: 1"),
      PolicyMistake(
        "",
        "1:1: error: the file is empty (write at least: version: 1)",
        mended: "version: 1"),
      PolicyMistake(
        "# nothing\n",
        "1:1: error: the file is empty (write at least: version: 1)",
        mended: "# nothing\nversion: 1\n"),
      PolicyMistake(
        "[version]",
        "1:1: error: a policy must be a map, and this is a list (write `key: value` lines under it)",
        mended: "version: 1"),
      PolicyMistake(
        "version: 1\nmode: \0",
        "2:7: error: a control character (NUL) (take it out)",
        mended: "version: 1\nmode: off"),
      PolicyMistake(
        "version: 1\nmode: \u{7}",
        "2:7: error: a control character (U+0007) (take it out)",
        mended: "version: 1\nmode: off"),
      PolicyMistake(
        "version: 1\nusers:\n\tbob: {also_from: [192.0.2.1]}",
        "3:1: error: this is not YAML: found character that cannot start any token"
          + " while scanning for the next token (indent with spaces, not tabs)",
        mended: "version: 1\nusers:\n  bob: {also_from: [192.0.2.1]}"),
      PolicyMistake(
        "version: 1\nusers:\n  bob:\n    also_from: [192.0.2.7\n  al:\n    only_from: [192.0.2.8]",
        "5:5: error: this is not YAML: did not find expected ',' or ']' while parsing a flow"
          + " sequence that begins at line 4 (is a `]` or a comma missing?)",
        mended:
          "version: 1\nusers:\n  bob:\n    also_from: [192.0.2.7]\n  al:\n    only_from: [192.0.2.8]"
      ),
      PolicyMistake(
        "version: 1\nmessage: Denied: {address}",
        "2:16: error: this is not YAML: mapping values are not allowed in this context"
          + " (put a text that has a colon in it in quotes, or look at the indentation)",
        mended: "version: 1\nmessage: 'Denied: {address}'"),
      PolicyMistake(
        "version: 1\nblock: &x [192.0.2.1]",
        "2:8: error: `&x` is a YAML anchor, which a policy may not use"
          + " (take it out, and give a set of addresses a name under `networks`)",
        mended: "version: 1\nblock: [x]\nnetworks: {x: [192.0.2.1]}"),
      PolicyMistake(
        "version: 1\nblock: *x",
        "2:8: error: `*x` is a YAML alias, which a policy may not use"
          + " (write the value out, or put a text that begins with `*` in quotes)",
        mended: "version: 1\nblock: [192.0.2.1]"),
      PolicyMistake(
        "version: 1\nmode: !x off",
        "2:7: error: `!x` is a YAML tag, which a policy may not use (take it out)",
        mended: "version: 1\nmode: off"),
      PolicyMistake(
        "version: 1\nusers:\n  <<: {bob: {also_from: [192.0.2.1]}}\n  al: {also_from: [192.0.2.1]}",
        "3:3: error: `<<` is a YAML merge key, which a policy may not use (write the values out)",
        mended:
          "version: 1\nusers:\n  bob: {also_from: [192.0.2.1]}\n  al: {also_from: [192.0.2.1]}"),
      PolicyMistake(
        "version: 1\n---\nversion: 1",
        "2:1: error: a second document begins here"
          + " (a policy file is one document: take out the `---`)",
        mended: "version: 1"),
      PolicyMistake(
        "version: 1\n[a]: b",
        "2:1: error: a key is a list (a key must be a text)",
        mended: "version: 1\nmode: off"),
      PolicyMistake(
        "version: 1\nblock: [[[[[[[[[[[[[[[[[[192.0.2.1]]]]]]]]]]]]]]]]]]",
        "2:23: error: lists and maps are nested too deeply here",
        mended: "version: 1\nblock: [192.0.2.1]"),
      PolicyMistake(
        "version: 1\nmode: enforce\nmode: off",
        "3:1: error: the key `mode` is given twice (it is also at line 2: keep one of the two)",
        mended: "version: 1\nmode: off"),
      PolicyMistake(
        "version: 1\nmode:",
        "2:1: error: mode is empty (give it a value, or leave the key out)",
        mended: "version: 1\nmode: enforce"),
      PolicyMistake(
        "version: 1\nusers: {}",
        "2:1: error: users is empty (give it a value, or leave the key out)",
        mended: "version: 1"),
      PolicyMistake(
        "version: 1\nusers: {bob: }",
        "2:9: error: users.bob is empty (give it a value, or leave the key out)",
        mended: "version: 1\nusers: {bob: {also_from: [192.0.2.1]}}"),
      PolicyMistake(
        "version: 1\nusers: {bob: {form: [anywhere]}}",
        "2:15: error: users.bob has no key `form` (the keys are: also_from, only_from, services)",
        mended: "version: 1\nusers: {bob: {only_from: [anywhere]}}"),
      PolicyMistake(
        "version: 1\nusers: {bob: {onlyfrom: [anywhere]}}",
        "2:15: error: users.bob has no key `onlyfrom` (did you mean `only_from`?)",
        mended: "version: 1\nusers: {bob: {only_from: [anywhere]}}"),
      PolicyMistake(
        "version: 1\nservices: {sshd: {check: no}}",
        "2:26: error: services.sshd.check must be true or false, and this is the text `no`"
          + " (write true or false)",
        mended: "version: 1\nservices: {sshd: {check: false}}"),
      PolicyMistake(
        "version: 1\nservices: {sshd: {check: 'false'}}",
        "2:26: error: services.sshd.check must be true or false, and this is the text `false`"
          + " (write it without quotes)",
        mended: "version: 1\nservices: {sshd: {check: false}}"),
      PolicyMistake(
        "version: 1\nnetworks: {local: [192.0.2.1]}",
        "2:12: error: `local` is reserved and cannot name a network (choose another name)",
        mended: "version: 1\nnetworks: {here: [192.0.2.1]}"),
      PolicyMistake(
        "version: 1\nroles: {2x: {from: [192.0.2.1]}}",
        "2:9: error: `2x` cannot name a role"
          + " (a name is a letter or `_`, then up to 63 letters, digits, `_` and `-`)",
        mended: "version: 1\nroles: {x2: {from: [192.0.2.1]}}"),
      PolicyMistake(
        "version: 1\nnetworks: {a: [a, 192.0.2.1]}",
        "2:16: error: the network `a` holds itself: a → a (take one of these entries out)",
        mended: "version: 1\nnetworks: {a: [192.0.2.1]}"),
      PolicyMistake(
        "version: 1\nnetworks: {a: {description: x}}",
        "2:12: error: networks.a has no `addresses` (list them, or write [nowhere])",
        mended: "version: 1\nnetworks: {a: {description: x, addresses: [nowhere]}}"),
      PolicyMistake(
        "version: 1\nblock: [all]",
        "2:9: error: there is no network `all` (did you mean `anywhere`?)",
        mended: "version: 1\nblock: [anywhere]"),
      PolicyMistake(
        "version: 1\nblock: [local]",
        "2:9: error: `local` cannot be in a list"
          + " (the key `local` says who may log in at the console)",
        mended: "version: 1\nlocal: {users: [bob]}"),
      PolicyMistake(
        "version: 1\nnetworks: {self: [192.0.2.1]}",
        "2:12: error: `self` is reserved and cannot name a network (choose another name)",
        mended: "version: 1\nnetworks: {own: [192.0.2.1]}"),
      PolicyMistake(
        "version: 1\nservices: {sshd: {without_address: local}}",
        "2:19: error: services.sshd.without_address cannot be set: sshd serves the network, and its"
          + " users are the machine's (leave the key out)",
        mended: "version: 1\nservices: {sshd: {check: true}}"),
      PolicyMistake(
        "version: 1\nservices: {su: {accounts: virtual}}",
        "2:17: error: services.su.accounts cannot be set: `su` is known to serve this machine, and"
          + " its users are the machine's (leave the key out)",
        mended: "version: 1\nservices: {su: {check: true}}"),
      PolicyMistake(
        "version: 1\nservices: {kiosk: {without_address: self}}",
        "2:37: error: services.kiosk.without_address cannot be `self` (it is one of: local)",
        mended: "version: 1\nservices: {kiosk: {without_address: local}}"),
      PolicyMistake(
        "version: 1\nservices: {kiosk: {accounts: virtal}}",
        "2:30: error: services.kiosk.accounts cannot be `virtal` (did you mean `virtual`?)",
        mended: "version: 1\nservices: {kiosk: {accounts: virtual}}"),
      PolicyMistake(
        "version: 1\nlocal: {user: [bob]}",
        "2:9: error: local has no key `user` (did you mean `users`?)",
        mended: "version: 1\nlocal: {users: [bob]}"),
      PolicyMistake(
        "version: 1\nservice_accounts: [bob]",
        "2:19: error: service_accounts must be a map, and this is a list"
          + " (write `key: value` lines under it)",
        mended: "version: 1\nservice_accounts:\n  users: [bob]"),
      PolicyMistake(
        "version: 1\ntests: [{user: a, from: office, expect: deny}]",
        "2:25: error: test.from: `office` is not an IP address"
          + " (write the address in numbers, or self, local or unknown)",
        mended: "version: 1\ntests: [{user: a, from: 192.0.2.1, expect: allow}]"),
      PolicyMistake(
        "version: 1\ntests: [{user: a, from: Local, expect: deny}]",
        "2:25: error: test.from: `Local` is not an IP address (did you mean `local`?)",
        mended: "version: 1\ntests: [{user: a, from: local, expect: allow}]"),
      PolicyMistake(
        "version: 1\nblock: [host.example.org]",
        "2:9: error: `host.example.org` is not an IP address"
          + " (write the address in numbers; host names are never looked up)",
        mended: "version: 1\nblock: [192.0.2.1]"),
      PolicyMistake(
        "version: 1\nblock:\n  - 2001:db8::",
        "3:5: error: YAML does not read `2001:db8::` as a text (put it in quotes: \"2001:db8::\")",
        mended: "version: 1\nblock:\n  - \"2001:db8::\""),
      PolicyMistake(
        "version: 1\nblock: [2001:db8::]",
        "2:9: error: YAML does not read `2001:db8::` as a text (put it in quotes: \"2001:db8::\")",
        mended: "version: 1\nblock: [\"2001:db8::\"]"),
      PolicyMistake(
        "version: 1\nblock: 2001:db8::",
        "2:8: error: YAML does not read `2001:db8::` as a text (put it in quotes: \"2001:db8::\")",
        mended: "version: 1\nblock: [\"2001:db8::\"]"),
      PolicyMistake(
        "version: 1\nblock: [::1]",
        "2:9: error: YAML does not read `::1` as a text (put it in quotes: \"::1\")",
        mended: "version: 1\nblock: [\"::1\"]"),
      PolicyMistake(
        "version: 1\nblock:\n  - {address: *.*.*.*}",
        "3:15: error: YAML does not read `*.*.*.*` as a text (put it in quotes: \"*.*.*.*\")",
        mended: "version: 1\nblock:\n  - {address: \"*.*.*.*\"}"),
      PolicyMistake(
        "version: 1\nblock: [{until: 2027-01-01}]",
        "2:9: error: an entry of block has neither `address` nor `file`"
          + " (write {address: 192.0.2.1, …})",
        mended: "version: 1\nblock: [{address: 192.0.2.1, until: 2027-01-01}]"),
      PolicyMistake(
        "version: 1\nblock: [{address: 192.0.2.1, until: 2027-02-29}]",
        "2:37: error: an entry of block.until: `2027-02-29` is not a date or time (write a day of the"
          + " calendar such as 2027-01-31, or a time such as 2027-01-31T18:00:00Z)",
        mended: "version: 1\nblock: [{address: 192.0.2.1, until: 2027-01-31}]"),
      PolicyMistake(
        "version: 1\nblock: [{address: 192.0.2.1, since: 2027-01-02, until: 2027-01-01}]",
        "2:56: error: `until` (2027-01-02T00:00:00Z) is not after `since`"
          + " (2027-01-02T00:00:00Z): the entry would never count (are the two swapped?)",
        mended: "version: 1\nblock: [{address: 192.0.2.1, since: 2027-01-01, until: 2027-01-02}]"),
      PolicyMistake(
        "version: 1\nidentity: {max_age: 1w}",
        "2:21: error: identity.max_age: `1w` is not a duration"
          + " (write a number and s, m, h or d, such as 24h; at most 366d)",
        mended: "version: 1\nidentity: {max_age: 7d}"),
      PolicyMistake(
        "version: 1\ngrants: {longest: forever}",
        "2:19: error: grants.longest: `forever` is not a duration"
          + " (write a number and s, m, h or d, such as 24h; at most 366d)",
        mended: "version: 1\ngrants: {longest: 366d}"),
      PolicyMistake(
        "version: 1\ngrants: {most: 1001}",
        "2:16: error: grants.most cannot be `1001`"
          + " (write a whole number without quotes, at most 1000)",
        mended: "version: 1\ngrants: {most: 1000}"),
      PolicyMistake(
        "version: 1\ngrants: {widest: {ipv4: 33}}",
        "2:25: error: grants.widest.ipv4 cannot be `33`"
          + " (write a whole number without quotes, at most 32)",
        mended: "version: 1\ngrants: {widest: {ipv4: 32}}"),
      PolicyMistake(
        "version: 1\ngrants: {widest: {ipv6: /56}}",
        "2:25: error: grants.widest.ipv6 cannot be `/56`"
          + " (write a whole number without quotes, at most 128)",
        mended: "version: 1\ngrants: {widest: {ipv6: 56}}"),
      PolicyMistake(
        "version: 1\ngrants: {most: '5'}",
        "2:16: error: grants.most cannot be `5`"
          + " (write a whole number without quotes, at most 1000)",
        mended: "version: 1\ngrants: {most: 5}"),
      PolicyMistake(
        "version: 1\ngrants: {most: 010}",
        "2:16: error: grants.most cannot be `010`"
          + " (write a whole number without quotes, at most 1000)",
        mended: "version: 1\ngrants: {most: 10}"),
      PolicyMistake(
        "version: 1\nnotify: {on: [denials]}",
        "2:1: error: notify says neither whom to mail nor what to run"
          + " (write mail: [root], or command: and the path of a program)",
        mended: "version: 1\nnotify: {on: [denials], mail: [root]}"),
      PolicyMistake(
        "version: 1\nnotify: {mail: ['-oX/tmp/x']}",
        "2:17: error: notify.mail: `-oX/tmp/x` is not a mail address"
          + " (write a user of this machine, such as root, or an address such as ops@example.org)",
        mended: "version: 1\nnotify: {mail: [root]}"),
      PolicyMistake(
        "version: 1\nnotify: {mail: root}",
        "2:16: error: notify.mail must be a list, and this is the text `root` (write [root])",
        mended: "version: 1\nnotify: {mail: [root]}"),
      PolicyMistake(
        "version: 1\nnotify: {command: page --now}",
        "2:19: error: notify.command: `page --now` is not the absolute path of a program"
          + " (write a path such as /usr/local/sbin/page, without arguments)",
        mended: "version: 1\nnotify: {command: /usr/local/sbin/page}"),
      PolicyMistake(
        "version: 1\nnotify: {mail: [root], on: [denial]}",
        "2:29: error: an entry of notify.on cannot be `denial` (did you mean `denials`?)",
        mended: "version: 1\nnotify: {mail: [root], on: [denials]}"),
      PolicyMistake(
        "version: 1\nnotify: {mail: [root], gather: 2d}",
        "2:32: error: notify.gather is longer than a day (write at most 1d)",
        mended: "version: 1\nnotify: {mail: [root], gather: 1d}"),
      PolicyMistake(
        "version: 1\nnotify: {mail: [root], most: 0}",
        "2:30: error: notify.most cannot be `0`"
          + " (write a whole number without quotes, at least 1 and at most 1000)",
        mended: "version: 1\nnotify: {mail: [root], most: 1}"),
      PolicyMistake(
        "version: 1\nmessage: 'no {'",
        "2:10: error: message has no placeholder `{` (the placeholders are: {address}, {user},"
          + " {service}, {host}, {id})",
        mended: "version: 1\nmessage: 'no {address}'"),
      PolicyMistake(
        "version: 1\nblock: [{address: anywhere, except: []}]",
        "2:37: error: an entry of block.except is empty (write what is taken away, or leave the key out)",
        mended: "version: 1\nblock: [{address: anywhere}]"),
      PolicyMistake(
        "version: 1\nblock: [{address: 192.0.2.0/24, except: [{address: 192.0.2.1, until: 2027-01-31}]}]",
        "2:63: error: an entry of block.except must count at any time: what it takes away"
          + " would come back (take the key out, or the whole entry if it is not to count)",
        mended: "version: 1\nblock: [{address: 192.0.2.0/24, except: [{address: 192.0.2.1}]}]"),
      PolicyMistake(
        "version: 1\nblock: [{address: 192.0.2.0/24, except: [{address: 192.0.2.1, active: false}]}]",
        "2:63: error: an entry of block.except must count at any time: what it takes away"
          + " would come back (take the key out, or the whole entry if it is not to count)",
        mended: "version: 1\nblock: [{address: 192.0.2.0/24}]"),
      PolicyMistake(
        "version: 1\nblock: [{address: 192.0.2.0/24, except: [{address: 192.0.2.0/25, except: [192.0.2.1]}]}]",
        "2:66: error: an entry of block.except has an `except` of its own"
          + " (make a network with an `except`, and name that network here)",
        mended:
          "version: 1\nnetworks: {n: {addresses: [192.0.2.0/25], except: [192.0.2.1]}}\nblock: [{address: 192.0.2.0/24, except: [n]}]"
      ),
      PolicyMistake(
        "version: 1\nnetworks: {a: [{address: 192.0.2.1, until: 2027-01-31}], b: [a]}\nblock: [{address: anywhere, except: [b]}]",
        "3:38: error: `b` in an `except` must count at any time, and its entry at policy.yaml:2 does not"
          + " (write the addresses here, or take `since`, `until` or `active` out there)",
        mended:
          "version: 1\nnetworks: {a: [{address: 192.0.2.1}], b: [a]}\nblock: [{address: anywhere, except: [b]}]"
      ),
      PolicyMistake(
        "version: 1\nnetworks: {a: {addresses: [192.0.2.1], except: [b]}, b: [a, 192.0.2.1]}",
        "2:58: error: the network `a` holds itself: a → b → a (take one of these entries out)",
        mended: "version: 1\nnetworks: {a: {addresses: [192.0.2.1], except: [b]}, b: [192.0.2.1]}"),
      PolicyMistake(
        "version: 1\nblock: [{address: anywhere, except: ['']}]",
        "2:38: error: an entry of block.except is empty (write an address)",
        mended: "version: 1\nblock: [{address: anywhere, except: ['192.0.2.1']}]"),
      PolicyMistake(
        "version: 1\nblock: [{address: anywhere, except: [offise]}]\nnetworks: {office: [192.0.2.1]}",
        "2:38: error: there is no network `offise` (did you mean `office`?)",
        mended:
          "version: 1\nblock: [{address: anywhere, except: [office]}]\nnetworks: {office: [192.0.2.1]}"
      ),
      PolicyMistake(
        "version: 1\nusers: {al: {services: {sshd: {from: [192.0.2.1]}}}}",
        "2:32: error: users.al.services.sshd has no key `from`"
          + " (the keys are: also_from, only_from)",
        mended: "version: 1\nusers: {al: {services: {sshd: {only_from: [192.0.2.1]}}}}"),
      PolicyMistake(
        "version: 1\ngroups: {g: {services: {sshd: {requires_user_list: true}}}}",
        "2:32: error: groups.g.services.sshd has no key `requires_user_list`"
          + " (the keys are: also_from, only_from)",
        mended: "version: 1\ngroups: {g: {requires_user_list: true}}"),
      PolicyMistake(
        "version: 1\ngroups: {g: {services: {}}}",
        "2:14: error: groups.g.services is empty (give it a value, or leave the key out)",
        mended: "version: 1\ngroups: {g: {requires_user_list: true}}"),
      PolicyMistake(
        "version: 1\nblock: [{file: x.txt}]",
        "2:16: error: the list `x.txt` was not read"
          + " (a `file` is relative to the policy file that names it)",
        mended: "version: 1\nblock: [192.0.2.1]"),
      PolicyMistake(
        "version: 1\nmessage: 'from {ip}'",
        "2:10: error: message has no placeholder `{ip}` (did you mean `{address}`?)",
        mended: "version: 1\nmessage: 'from {address}'"),
      PolicyMistake(
        "version: 1\nmessage: 'not {login}'",
        "2:10: error: message has no placeholder `{login}` (did you mean `{user}`?)",
        mended: "version: 1\nmessage: 'not {user}'"),
    ])
  func mistake(mistake: PolicyMistake) throws {
    let loaded = load(mistake.text)
    #expect(loaded.policy == nil)
    #expect(messages(loaded) == ["policy.yaml:" + mistake.message])
    let mended = load(mistake.mended)
    #expect(mended.policy != nil, "\(messages(mended))")
    // Followed literally: what a remedy says to write is what was written.
    let remedy = try #require(loaded.diagnostics.first).remedy ?? ""
    for lead in ["did you mean `", "write ["] where remedy.hasPrefix(lead) {
      let rest = remedy.dropFirst(lead.count)
      let word = rest.prefix { $0 != "`" && $0 != "]" }
      #expect(mistake.mended.contains(word))
    }
  }

  @Test("Where YAML ends early, what was whole before it is judged, and nothing else")
  func partialFile() {
    let loaded = load(
      """
      version: 1
      mode: maybe
      users:
        bob: {only_from: [192.0.2.256]}
        al:
          also_from: [192.0.2.1]
          @only_from: x
      tests: [{}]
      """)
    #expect(
      messages(loaded) == [
        "policy.yaml:2:7: error: mode cannot be `maybe` (it is one of: off, monitor, enforce)",
        "policy.yaml:4:21: error: `192.0.2.256` is not an IP address: each number is at most 255",
        "policy.yaml:7:5: error: this is not YAML: found character that cannot start any token"
          + " while scanning for the next token (put the text in quotes)",
      ])
    let early = load("version: 1\nusers:\n  bob:\n    @x: 1")
    #expect(early.diagnostics.map(\.name) == ["yaml_syntax"])
  }

  @Test("A text with a colon is not taken for an address")
  func textWithColon() {
    let loaded = load("version: 1\nmode: a: b")
    #expect(loaded.diagnostics.map(\.name) == ["yaml_syntax"])
  }

  @Test("Bytes that are no UTF-8 are an error with their place")
  func badEncoding() {
    let bytes = Array("version: 1\nmode: ".utf8) + [0xFF]
    let loaded = Policy.load(
      PolicySnapshot(policyFiles: [.init(name: "policy.yaml", content: .bytes(bytes))]))
    #expect(
      messages(loaded) == [
        "policy.yaml:2:7: error: the file is not UTF-8 here (save it as UTF-8)"
      ])
    let utf16 = Policy.load(
      PolicySnapshot(policyFiles: [.init(name: "policy.yaml", content: .bytes([0xFF, 0xFE, 0x41]))])
    )
    #expect(
      messages(utf16) == ["policy.yaml:1:1: error: the file is UTF-16 (save it as UTF-8)"])
  }

  @Test("A name is defined once in all files, and the error names both places")
  func definedTwice() {
    let loaded = load(files: [
      "policy.yaml": "version: 1\nmode: off\nnetworks: {a: [192.0.2.1]}\nblock: [192.0.2.9]",
      "policy.d/b.yaml": "version: 1\nmode: off\nnetworks: {b: [a], a: [192.0.2.2]}\nblock: [b]",
    ])
    #expect(
      messages(loaded) == [
        "policy.d/b.yaml:2:1: error: `mode` is given in two files"
          + " (it is also at policy.yaml:2:1: keep one of the two)",
        "policy.d/b.yaml:3:20: error: the network `a` is defined in two files"
          + " (it is also at policy.yaml:3:12: a name is defined once)",
      ])
  }

  @Test("Each file has its own version")
  func versionOfEachFile() {
    let loaded = load(files: ["policy.yaml": "version: 1", "policy.d/a.yaml": "block: [192.0.2.1]"])
    #expect(
      messages(loaded) == [
        "policy.d/a.yaml:1:1: error: the file has no version (write `version: 1` first)"
      ])
  }

  @Test("What a broken file may define is not missed in another")
  func brokenFile() {
    let loaded = load(files: [
      "policy.yaml": "version: 1\nblock: [office]",
      "policy.d/a.yaml": "version: 1\nnetworks:\n  office: [192.0.2.1",
    ])
    #expect(loaded.diagnostics.map(\.name) == ["yaml_syntax"])
  }

  @Test("A list's errors name its file and line")
  func listFile() {
    let loaded = load(
      files: [
        "policy.d/a.yaml": "version: 1\nblock: [{file: ../lists/x.txt}]",
        "policy.yaml": "version: 1",
      ],
      lists: ["lists/x.txt": "# comment\n192.0.2.1\n\n  192.0.2.1/24 # here\nfoo\r\n"])
    #expect(
      messages(loaded) == [
        "lists/x.txt:4:3: error: `192.0.2.1/24` has host bits set"
          + " (write 192.0.2.0/24 or 192.0.2.1)",
        "lists/x.txt:5:1: error: `foo` is not an IP address (an IPv4 address has four numbers)",
      ])
  }

  @Test("Networks that nest too deeply are an error, not a crash")
  func deepNetworks() {
    let chain = (1...100).map { "  n\($0): [n\($0 - 1)]" }.joined(separator: "\n")
    let loaded = load("version: 1\nnetworks:\n  n0: [192.0.2.1]\n\(chain)")
    #expect(loaded.policy == nil)
    #expect(loaded.diagnostics.allSatisfy { $0.name == "too_deep" })
    let brackets = String(repeating: "[", count: 100_000)
    #expect(load("version: 1\nblock: \(brackets)").diagnostics.map(\.name) == ["too_deep"])
  }

  @Test("Many unquoted addresses are each reported")
  func manyUnquoted() {
    let items = (0..<50).map { "  - {address: 2001:db8:\($0)::}" }.joined(separator: "\n")
    let loaded = load("version: 1\nblock:\n\(items)\n")
    #expect(loaded.diagnostics.count == 50)
    #expect(loaded.diagnostics.allSatisfy { $0.name == "unquoted_address" })
  }

  @Test("Control characters of a policy never reach a message unescaped")
  func escaping() {
    let loaded = load("version: 1\nusers:\n  \"a\\e[31m\": {also_from: [\"\\u202e\"]}\n")
    #expect(!loaded.diagnostics.isEmpty)
    for message in messages(loaded) {
      #expect(displayText(of: message) == message)
    }
  }
}
