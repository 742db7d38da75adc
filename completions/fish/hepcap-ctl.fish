# fish completion for hepcap-ctl, made by the tool itself.
complete -c hepcap-ctl -l control -r -F -d 'The control socket of the running tool'
complete -c hepcap-ctl -l timeout -x -d 'Seconds to wait for the answer'
complete -c hepcap-ctl -s T -l type -x -a "text ndjson json" -d 'Form of the answer'
complete -c hepcap-ctl -s h -l help -d 'Print this help and exit'
complete -c hepcap-ctl -s V -l version -d 'Print version and libraries and exit'
complete -c hepcap-ctl -s q -l quiet -d 'Say nothing but errors'
complete -c hepcap-ctl -s v -l verbose -d 'Print the counters at the end'
complete -c hepcap-ctl -s n -d 'Accepted and ignored: addresses are never turned into names'
complete -c hepcap-ctl -l log-format -x -a "text json" -d 'Form of messages on stderr: text or json'
complete -c hepcap-ctl -l config -r -F -d 'Configuration file (TOML) read after the system\'s and the user\'s'
complete -c hepcap-ctl -l print-config -d 'Print each option\'s value and where it is from, and exit'
complete -c hepcap-ctl -l check-config -d 'Say what is wrong with the configuration, and exit: 0 if nothing is, 2 if something is'
complete -c hepcap-ctl -x -a "on off check counters version uptime methods"
