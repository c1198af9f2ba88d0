# convscope with JupyterLab and the Go kernel, for CPU. Build: docker build -t convscope .
# Run: docker run --rm -p 8888:8888 convscope   (then open the address that it prints)
FROM golang:1.26-bookworm
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3 python3-venv python3-pip \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home reader \
 && install -d -o reader -g reader /home/reader/convscope
USER reader
WORKDIR /home/reader/convscope
COPY --chown=reader . .
# The same set-up as on any machine: weights, PJRT plugin, Jupyter, the Go kernel. The lesson runs once, which fills
# Go's build cache. The command is on the path as well, for a cluster: see cluster/kubernetes.yaml.
RUN go run ./tools/convscope run && go run ./tools/convscope lab --prepare && go install ./tools/convscope
EXPOSE 8888
CMD ["go", "run", "./tools/convscope", "lab", "--no-browser", "--", "--ip=0.0.0.0", "--port=8888"]
