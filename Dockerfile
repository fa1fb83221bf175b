# The daemon alone in an image, statically linked:
#
#   docker build -t portolan .
#   docker build --build-arg TESTS=ON -t portolan .      runs the unit tests on the way
#   docker build --build-arg COMMIT=$(git describe --always) -t portolan .
#                                                        for `portolan --version --json`

ARG BASE=debian:bookworm-slim
FROM $BASE AS build
ARG TESTS=OFF
ARG COMMIT=
WORKDIR /portolan
COPY scripts/install scripts/packages scripts/
RUN groups=build; [ "$TESTS" = OFF ] || groups="build unit"; scripts/install $groups
COPY . .
RUN cmake --preset release \
        -DPORTOLAN_STATIC=ON -DPORTOLAN_TESTS=$TESTS -DPORTOLAN_COMMIT="$COMMIT" \
    && cmake --build --preset release \
    && if [ "$TESTS" != OFF ]; then ctest --test-dir build/release -L unit --output-on-failure; fi

RUN scripts/image_root build/release /image

FROM scratch
LABEL org.opencontainers.image.title="portolan" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.description="An EPMD (Erlang Port Mapper Daemon) for containers"
COPY --from=build /image /
# A number, so that Kubernetes can see for itself that it is not root.
USER 65532:65532
EXPOSE 4369
# Asks on ERL_EPMD_PORT. Where that is set by --port instead, give --health-cmd or --no-healthcheck.
# Every second at first, and then every ten: --hold, as older engines and Podman do not know
# --start-interval.
HEALTHCHECK --interval=1s --timeout=15s --retries=3 CMD ["/bin/portolan", "check", "--hold", "9s"]
ENTRYPOINT ["/bin/portolan"]
CMD ["serve"]
