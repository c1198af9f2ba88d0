#!/bin/bash
# Slurm: the work of a gallery as an array of twelve tasks, and its pages when the last one has ended. After
#	convscope gallery plan --out GALLERY ...
# in a folder that all nodes see:
#	bash cluster/slurm.sh GALLERY [OPTIONS OF SBATCH]
# such as --array=0-99%20 for a hundred tasks of which twenty run at once, or --gpus=1 for a graphics card for each.
# Give the same again if tasks were killed: what is done is not done again.
#SBATCH --job-name=gallery
#SBATCH --array=0-11
#SBATCH --cpus-per-task=2
#SBATCH --mem=4G
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=gallery-%A_%a.log
set -euo pipefail
gallery=${1:?name the folder of a planned gallery}
if [ -z "${SLURM_ARRAY_TASK_ID:-}" ]; then # started by hand: hand it to Slurm
	work=$(sbatch --parsable "${@:2}" "$0" "$gallery")
	exec sbatch --dependency="afterany:${work%%;*}" --job-name=gallery-merge --output=gallery-%j.log \
		--wrap "exec convscope gallery merge --out $(printf %q "$gallery")"
fi
exec convscope gallery work --out "$gallery" # which shards are its own, SLURM_ARRAY_TASK_ID says
