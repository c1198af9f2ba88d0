#!/bin/bash
# GNU parallel: the work of a gallery on a few machines over ssh, and its pages at the end. After
#	convscope gallery plan --out GALLERY ...
# in a folder that all of them see under the same name, as they do the convscope command:
#	bash cluster/parallel.sh GALLERY MACHINE...
# where ":" is this machine. Each works on one part at a time, with all of its cores. Give the same again if a machine
# was lost: what is done is not done again.
set -euo pipefail
gallery=$(realpath -- "${1:?name the folder of a planned gallery}")
machines=("${@:2}")
shards=$((4 * ${#machines[@]})) # more than machines, so that fast ones do more
((shards > 0)) || { echo "name the machines, such as : for this one" >&2 && exit 2; }
convscope=$(command -v convscope)
failed=0
parallel --jobs 1 --sshlogin "$(IFS=, && echo "${machines[*]}")" --retries 3 --tag --line-buffer \
	--env CONVSCOPE_CACHE \
	"$(printf %q "$convscope")" gallery work --out "$(printf %q "$gallery")" --shard "{}/$shards" \
	::: $(seq 0 $((shards - 1))) || failed=$?
"$convscope" gallery merge --out "$gallery"
exit $failed
