#!/usr/bin/env python3
"""The completions are what the tools print now (`./dev completions` writes them), each is read without complaint by the
shell it is for, and in bash the long options of a tool come out when they are asked for."""
import shutil
import subprocess

import tree

SHELLS = {"bash": ("bash", "{}"), "zsh": ("zsh", "_{}"), "fish": ("fish", "{}.fish")}


def problems():
    for tool in tree.TOOLS:
        for folder, (shell, name) in SHELLS.items():
            path = tree.SOURCE / "completions" / folder / name.format(tool)
            if not path.exists():
                yield f"completions/{folder}/{name.format(tool)}: there is no such file"
                continue
            printed = subprocess.run([str(tree.BUILD / tool), f"--completion={shell}"], capture_output=True, text=True).stdout
            if printed != path.read_text(encoding="utf-8"):
                yield f"{path.relative_to(tree.SOURCE)}: stale; ./dev completions writes it anew"
            if not shutil.which(shell):
                print(f"left out: {shell} is not installed")
                continue
            checked = subprocess.run([shell, "-n", str(path)], capture_output=True, text=True)
            if checked.returncode or checked.stderr:
                yield f"{path.relative_to(tree.SOURCE)}: {checked.stderr.strip() or 'refused by ' + shell}"
        script = f"""
            [[ -e /usr/share/bash-completion/bash_completion ]] && . /usr/share/bash-completion/bash_completion
            . '{tree.SOURCE}/completions/bash/{tool}'
            function_of() {{ complete -p {tool} | sed -n 's/.*-F \\([^ ]*\\).*/\\1/p'; }}
            COMP_WORDS=({tool} --h) COMP_CWORD=1 COMP_LINE='{tool} --h' COMP_POINT=${{#COMP_LINE}} COMPREPLY=()
            "$(function_of)" {tool} --h {tool}
            printf '%s\\n' "${{COMPREPLY[@]}}" """
        path = tree.SOURCE / "completions" / "bash" / tool
        if path.exists():
            words = subprocess.run(["bash", "-c", script], capture_output=True, text=True).stdout.split()
            if "--help" not in words:
                yield f"completions/bash/{tool}: '{tool} --h<TAB>' does not offer --help but {words}"


if not tree.TOOLS:
    tree.skip("there are no tools yet")
tree.finish(list(problems()))
